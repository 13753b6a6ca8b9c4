import { Button, Modal, MultiSelect, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import { ReasonText } from '~/kit/parts'
import css from '../library.module.css'
import { FOLDERS, PROFILES, type Profile } from '../shapes'
import { AGES, bodyOf, type Draft, draftOf } from './profile'

/** Who it is, and what they may see and when. */
export function ProfileForm({ profile, onClose }: { profile?: Profile; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [draft, setDraft] = useState<Draft>(() => draftOf(profile))
  const put = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const folders = useQuery({ queryKey: FOLDERS, queryFn: ({ signal }) => must(api.GET('/v1/libraries', { signal })) })
  const save = useMutation({
    mutationFn: async () => {
      const body = bodyOf(draft)
      if (profile) {
        const params = { path: { profile_id: profile.id } }
        await must(api.PATCH('/v1/parental-controls/profiles/{profile_id}', { params, body }))
      } else await must(api.POST('/v1/parental-controls/profiles', { body: { ...body, pin: draft.pin || null } }))
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: PROFILES })
      onClose()
    },
  })
  const wrong = (path: string) => (save.error ? asFailure(save.error).problems.find((one) => one.path === path)?.text : undefined)
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(profile ? 'library.profile.edit' : 'library.profile.new')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput
          label={t('library.name')}
          value={draft.name}
          error={wrong('name')}
          onChange={(event) => put({ name: event.currentTarget.value })}
          data-autofocus
          required
        />
        <Select
          label={t('library.profile.maxage')}
          data={AGES.map((value) => ({
            value,
            label: value === '' ? t('library.profile.anyage') : t('library.profile.age', { age: value }),
          }))}
          value={draft.maxAge}
          allowDeselect={false}
          onChange={(value) => put({ maxAge: value ?? '' })}
        />
        <Switch
          label={t('library.profile.unrated')}
          checked={draft.blockUnrated}
          onChange={(event) => put({ blockUnrated: event.currentTarget.checked })}
        />
        <Switch
          label={t('library.profile.kidsui')}
          checked={draft.kidsUi}
          onChange={(event) => put({ kidsUi: event.currentTarget.checked })}
        />
        <MultiSelect
          label={t('library.profile.libraries')}
          placeholder={draft.libraries.length === 0 ? t('library.profile.all') : ''}
          data={(folders.data?.items ?? []).map((one) => ({ value: one.id, label: one.name.slice(0, 80) }))}
          value={draft.libraries}
          onChange={(libraries) => put({ libraries })}
        />
        <TextInput
          label={t('library.profile.limit')}
          inputMode="numeric"
          value={draft.minutes}
          error={wrong('dailyLimitMinutes')}
          onChange={(event) => put({ minutes: event.currentTarget.value.replace(/\D/g, '') })}
        />
        <div className={css.row}>
          <TextInput
            className={css.grow}
            type="time"
            label={t('library.profile.from')}
            value={draft.from}
            onChange={(event) => put({ from: event.currentTarget.value })}
          />
          <TextInput
            className={css.grow}
            type="time"
            label={t('library.profile.to')}
            value={draft.to}
            onChange={(event) => put({ to: event.currentTarget.value })}
          />
        </div>
        {!profile && (
          <PasswordInput
            label={t('library.profile.pin')}
            description={t('library.pin.about')}
            value={draft.pin}
            error={wrong('pin')}
            inputMode="numeric"
            autoComplete="off"
            onChange={(event) => put({ pin: event.currentTarget.value })}
          />
        )}
        {save.error && <ReasonText error={save.error} />}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!draft.name.trim()}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
