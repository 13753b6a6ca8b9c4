import { ActionIcon, Button, Modal, Textarea, TextInput, Tooltip } from '@mantine/core'
import { IconLock, IconLockOpen } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import { ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from '../library.module.css'
import { TITLES } from '../shapes'
import { changesOf, draftOf, FIELDS, type Field, type Subject } from './kinds'

interface Props {
  subject: Subject
  onClose: () => void
}

async function send({ kind, title }: Subject, body: Record<string, string | number | string[]>, locks: readonly string[]) {
  if (Object.keys(body).length > 0) {
    if (kind === 'movie') await must(api.PATCH('/v1/movies/{movie_id}', { params: { path: { movie_id: title.id } }, body }))
    else await must(api.PATCH('/v1/shows/{show_id}', { params: { path: { show_id: title.id } }, body }))
  }
  const path = { media_type: kind, media_id: title.id }
  await must(api.PATCH('/v1/metadata/{media_type}/{media_id}/locks', { params: { path }, body: { lockedFields: [...locks] } }))
}

/** What is known of a title, to be put right; what is locked stays as it is when providers are asked again. */
export default function EditForm({ subject, onClose }: Props) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [before] = useState(() => draftOf(subject))
  const [draft, setDraft] = useState(before)
  const [locks, setLocks] = useState<ReadonlySet<string>>(new Set(subject.title.lockedFields))
  const save = useMutation({
    mutationFn: () => send(subject, changesOf(before, draft), [...locks]),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: TITLES })
      toast.good(t('library.edit.saved'))
      onClose()
    },
  })
  const problems = save.error ? asFailure(save.error).problems : []
  const type = (field: Field, value: string) => {
    setDraft({ ...draft, [field]: value })
    if (value.trim() !== before[field].trim()) setLocks(new Set([...locks, field]))
  }
  const lock = (field: Field) => {
    const isLocked = locks.has(field)
    const name = t(isLocked ? 'library.edit.unlock' : 'library.edit.lock', { field: t(`library.field.${field}`) })
    const toggled = isLocked ? [...locks].filter((one) => one !== field) : [...locks, field]
    return (
      <Tooltip label={name}>
        <ActionIcon
          variant="subtle"
          color={isLocked ? undefined : 'gray'}
          aria-label={name}
          aria-pressed={isLocked}
          onClick={() => setLocks(new Set(toggled))}
        >
          {isLocked ? <IconLock size={16} /> : <IconLockOpen size={16} />}
        </ActionIcon>
      </Tooltip>
    )
  }
  const fields = FIELDS.filter((field) => field !== 'tagline' || subject.kind === 'movie')
  return (
    <Modal opened onClose={onClose} title={t('library.edit')} size="lg" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        {fields.map((field) => {
          const common = {
            label: t(`library.field.${field}`),
            value: draft[field],
            error: problems.find((one) => one.path === field)?.text,
            rightSection: lock(field),
          }
          return field === 'overview' ? (
            <Textarea
              key={field}
              {...common}
              autosize
              minRows={4}
              maxRows={12}
              onChange={(event) => type(field, event.currentTarget.value)}
            />
          ) : (
            <TextInput
              key={field}
              {...common}
              {...(field === 'year' ? { inputMode: 'numeric' as const } : {})}
              onChange={(event) => type(field, event.currentTarget.value)}
            />
          )
        })}
        <p className={css.dim}>{t('library.edit.about')}</p>
        {save.error && <ReasonText error={save.error} />}
        <div className={css.row}>
          <Button type="submit" loading={save.isPending}>
            {t('common.save')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
