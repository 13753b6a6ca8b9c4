import { Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import css from './fileDrop.module.css'
import { bytes } from './format'
import { useLocale } from './useLocale'

interface Props {
  label: string
  about?: string
  accept?: string // as of <input type=file>: ".torrent,.nzb", "image/*"
  multiple?: boolean
  mostBytes?: number // for each file
  onFiles: (files: readonly File[]) => void
}

/** Whether `file` is of a kind that `accept` names; without one, any is. */
export function accepts(file: Pick<File, 'name' | 'type'>, accept = ''): boolean {
  const kinds = accept
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean)
  const name = file.name.toLowerCase()
  return (
    kinds.length === 0 ||
    kinds.some((kind) =>
      kind.startsWith('.')
        ? name.endsWith(kind)
        : kind.endsWith('/*')
          ? file.type.startsWith(kind.slice(0, -1))
          : file.type === kind,
    )
  )
}

/** Files dropped, pasted or chosen. What is too large or of another kind is named, the rest goes on. */
export function FileDrop({ label, about, accept, multiple, mostBytes, onFiles }: Props) {
  const { t } = useTranslation()
  const locale = useLocale()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<readonly string[]>([])
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])].slice(0, multiple ? undefined : 1)
    const good = files.filter((file) => accepts(file, accept) && file.size <= (mostBytes ?? Number.POSITIVE_INFINITY))
    setRefused(
      files.filter((file) => !good.includes(file)).map((file) => `${file.name.slice(0, 120)} (${bytes(file.size, locale)})`),
    )
    if (good.length > 0) onFiles(good)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files)
  }
  return (
    <div>
      <button
        type="button"
        className={css.drop}
        data-over={over}
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        onPaste={(event) => take(event.clipboardData.files)}
      >
        <IconUpload size={24} stroke={1.6} aria-hidden />
        <b>{label}</b>
        <span>{about ?? t('drop.about')}</span>
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        multiple={multiple}
        aria-label={label}
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
      {refused.length > 0 && (
        <Text size="sm" c="red" role="alert" mt="xs">
          {t('drop.refused', { names: refused.slice(0, 3).join(', ') })}
        </Text>
      )}
    </div>
  )
}
