import { Button, Modal, Select, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { FileDrop } from '~/kit/FileDrop'
import { ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { upload } from '~/kit/upload'
import css from './acquire.module.css'
import { TRANSFERS } from './shapes'

interface Taken {
  name: string
  error: string
}

interface Props {
  opened: boolean
  categories: readonly string[]
  onClose: () => void
}

/** Paste lines or drop files; what could not be read stays in the box with its reason. */
export function AddDialog({ opened, categories, onClose }: Props) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [text, setText] = useState('')
  const [category, setCategory] = useState('')
  const [wrong, setWrong] = useState<readonly string[]>([])
  const settle = (taken: readonly Taken[], left: string) => {
    const failed = taken.filter((one) => one.error)
    setWrong(failed.map((one) => `${one.name}: ${one.error}`))
    setText(left)
    const count = taken.length - failed.length
    if (count > 0) toast.good(t('acquire.add.done', { count }))
    void cache.invalidateQueries({ queryKey: TRANSFERS })
    if (failed.length === 0) onClose()
  }
  const add = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/transfers', { body: { text, category } })),
    onSuccess: ({ items }) =>
      settle(
        items.map((one) => ({ name: one.name || one.text, error: one.error })),
        items
          .filter((one) => one.error)
          .map((one) => one.text)
          .join('\n'),
      ),
  })
  const send = useMutation({
    mutationFn: async (files: readonly File[]) => {
      const form = new FormData()
      for (const file of files) form.append('files[]', file)
      if (category) form.append('arr', category)
      return (await upload('/api/add', form)) as Taken[]
    },
    onSuccess: (items) => settle(items, text),
  })
  const error = add.error ?? send.error
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('acquire.add')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate()
        }}
      >
        <Textarea
          label={t('acquire.add.text')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={4}
          maxRows={12}
          data-autofocus
        />
        <Select
          mt="sm"
          label={t('acquire.add.category')}
          placeholder={t('acquire.add.none')}
          data={[...categories]}
          value={category || null}
          onChange={(value) => setCategory(value ?? '')}
          clearable
        />
        <FileDrop label={t('acquire.add.drop')} accept=".torrent,.nzb,.magnet" multiple onFiles={(files) => send.mutate(files)} />
        {wrong.map((line) => (
          <div key={line} className={css.dim} role="alert">
            {line}
          </div>
        ))}
        {error && <ReasonText error={error} />}
        <Button type="submit" mt="md" loading={add.isPending || send.isPending} disabled={!text.trim()}>
          {t('acquire.add')}
        </Button>
      </form>
    </Modal>
  )
}
