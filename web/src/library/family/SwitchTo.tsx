import { Button, Modal, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { useGo } from '~/kit/go'
import { ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from '../library.module.css'
import type { Profile } from '../shapes'

/** Watch as somebody else of the family, or as oneself again; all that is shown is asked for anew. */
export function SwitchTo({ profile, onClose }: { profile: Profile | null; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const go = useGo()
  const [pin, setPin] = useState('')
  const change = useMutation({
    mutationFn: () =>
      must(api.POST('/v1/parental-controls/switch-profile', { body: { profileId: profile?.id ?? null, pin: pin || null } })),
    onSuccess: () => {
      void cache.invalidateQueries()
      toast.good(profile ? t('library.profile.now', { name: clip(profile.name, 60) }) : t('library.profile.oneself'))
      onClose()
      go('/library')
    },
  })
  const title = profile ? t('library.profile.as', { name: clip(profile.name, 60) }) : t('library.profile.back')
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        {(profile === null || profile.hasPin) && (
          <PasswordInput
            label={t(profile ? 'library.profile.pin' : 'library.pin.account')}
            description={profile ? undefined : t('library.profile.back.about')}
            value={pin}
            onChange={(event) => setPin(event.currentTarget.value)}
            inputMode="numeric"
            autoComplete="off"
            data-autofocus
          />
        )}
        {change.error && <ReasonText error={change.error} />}
        <div>
          <Button type="submit" loading={change.isPending}>
            {t('library.profile.switch')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
