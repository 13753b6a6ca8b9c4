import { Button, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { FileDrop } from '~/kit/FileDrop'
import { clip } from '~/kit/format'
import { ReasonText } from '~/kit/parts'
import { upload } from '~/kit/upload'

export const LOGOS = ['live', 'logos']
const MOST_BYTES = 5_000_000

function uploaded(file: File, name: string): Promise<unknown> {
  const form = new FormData()
  form.append('name', name)
  form.append('file', file)
  return upload('/api/channels/logos/upload/', form)
}

/** A logo by its address, or as a file. */
export function NewLogo({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [values, setValues] = useState({ name: '', url: '' })
  const [file, setFile] = useState<File | null>(null)
  const add = useMutation({
    mutationFn: () => (file ? uploaded(file, values.name) : must(api.POST('/api/channels/logos/', { body: values }))),
    onSuccess: () => {
      onClose()
      return cache.invalidateQueries({ queryKey: LOGOS })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Modal opened onClose={onClose} title={t('logos.add')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form onSubmit={submit}>
        <Stack>
          <FileDrop
            label={file ? clip(file.name, 60) : t('logos.upload')}
            accept=".png,.jpg,.jpeg,.webp,.gif,.svg"
            mostBytes={MOST_BYTES}
            onFiles={([first]) => {
              if (!first) return
              setFile(first)
              setValues((now) => ({ ...now, name: now.name || first.name.replace(/\.[^.]*$/, '') }))
            }}
          />
          <TextInput
            label={t('common.name')}
            required
            value={values.name}
            onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
            data-autofocus
          />
          {!file && (
            <TextInput
              label={t('logos.url')}
              type="url"
              required
              value={values.url}
              onChange={(event) => setValues({ ...values, url: event.currentTarget.value })}
            />
          )}
          {add.error && <ReasonText error={add.error} />}
          <Button type="submit" loading={add.isPending}>
            {t('common.add')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
