import { Button, Group, Modal, NumberInput, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconCalendarTime, IconPlaylist, IconServer2 } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import { ReasonText } from '~/kit/parts'
import css from './live.module.css'
import { type Found, SOURCES } from './shapes'
import { addSource, type NewSource, nameFrom } from './sources'

const KINDS = [
  ['playlist', IconPlaylist],
  ['xtream', IconServer2],
  ['guide', IconCalendarTime],
] as const

interface Props {
  first: NewSource['kind']
  kinds?: readonly NewSource['kind'][]
  onAdded: (ref: string) => void
  onCancel?: () => void
}

function FoundText({ found }: { found: Found }) {
  const { t } = useTranslation()
  const parts = [
    found.streams !== null && t('sources.streams', { count: found.streams }),
    found.groups !== null && t('sources.groupcount', { count: found.groups }),
    found.channels !== null && t('sources.channels', { count: found.channels }),
    found.programmes !== null && t('sources.programmes', { count: found.programmes }),
    found.max_streams !== null && t('sources.connections', { count: found.max_streams }),
  ].filter(Boolean)
  return (
    <ReasonText level={found.ok ? 'info' : 'bad'} title={found.ok ? t('sources.test.good') : t('sources.test.bad')}>
      {found.ok && parts.length > 0 ? parts.join(' · ') : found.text}
    </ReasonText>
  )
}

/** A new playlist, Xtream account or guide: typed, tried, added. */
export function SourceFields({ first, kinds = ['playlist', 'xtream', 'guide'], onAdded, onCancel }: Props) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const form = useForm<NewSource>({
    initialValues: { kind: first, name: '', url: '', username: '', password: '', refresh_hours: 24 },
  })
  const { kind, url } = form.values
  const body = () => ({ ...form.values, name: form.values.name || nameFrom(url) })
  const test = useMutation({
    mutationFn: () =>
      must(
        api.POST('/polycast/v1/live/sources/test', {
          body: { kind, url, ...(kind === 'xtream' ? { username: form.values.username, password: form.values.password } : {}) },
        }),
      ),
  })
  const add = useMutation({
    mutationFn: () => addSource(body()),
    onSuccess: (ref) => {
      void cache.invalidateQueries({ queryKey: SOURCES })
      onAdded(ref)
    },
    onError: (error) =>
      form.setErrors(
        Object.fromEntries(asFailure(error).problems.map((one) => [one.path === 'server_url' ? 'url' : one.path, one.text])),
      ),
  })
  return (
    <form onSubmit={form.onSubmit(() => add.mutate())}>
      <Stack>
        <div className={css.kinds}>
          {KINDS.filter(([one]) => kinds.includes(one)).map(([one, Picture]) => (
            <button
              key={one}
              type="button"
              className={css.kind}
              aria-pressed={kind === one}
              onClick={() => form.setFieldValue('kind', one)}
            >
              <Picture size={24} stroke={1.6} />
              <b>{t(`sources.kind.${one}`)}</b>
              <span className={css.dim}>{t(`sources.kind.${one}.about`)}</span>
            </button>
          ))}
        </div>
        <TextInput
          label={t(`sources.url.${kind}`)}
          placeholder={t(`sources.url.${kind}.example`)}
          type="url"
          required
          inputMode="url"
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('url')}
        />
        {kind === 'xtream' && (
          <Group grow>
            <TextInput label={t('sources.username')} required autoComplete="off" {...form.getInputProps('username')} />
            <PasswordInput
              label={t('signin.password')}
              required
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
              {...form.getInputProps('password')}
            />
          </Group>
        )}
        <Group grow>
          <TextInput label={t('common.name')} placeholder={nameFrom(url)} maxLength={255} {...form.getInputProps('name')} />
          <NumberInput label={t('sources.interval')} suffix=" h" min={0} max={720} {...form.getInputProps('refresh_hours')} />
        </Group>
        {test.data && <FoundText found={test.data} />}
        {test.error && <ReasonText error={test.error} />}
        {add.error && <ReasonText error={add.error} />}
        <Group justify="flex-end">
          {onCancel && (
            <Button variant="subtle" color="gray" onClick={onCancel}>
              {t('common.cancel')}
            </Button>
          )}
          <Button variant="default" loading={test.isPending} disabled={!url} onClick={() => test.mutate()}>
            {t('sources.test')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('common.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

export function SourceForm({ first, onClose }: { first: NewSource['kind']; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={t('sources.add')} size="xl" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <SourceFields first={first} onAdded={onClose} onCancel={onClose} />
    </Modal>
  )
}
