import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { setFresh } from '~/api/connection'
import { asFailure } from '~/api/failure'
import { ReasonText } from '~/kit/parts'

/** Something delicate is about to be done: the password once more, then it goes on by itself. */
export default function ConfirmAgain() {
  const { t } = useTranslation()
  const [password, setPassword] = useState('')
  const confirm = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/session/confirm', { body: { password } })),
    onSuccess: () => setFresh(true),
  })
  const failure = confirm.error && asFailure(confirm.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    confirm.mutate()
  }
  return (
    <Modal
      opened
      onClose={() => setFresh(false)}
      title={t('fresh.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      zIndex={500}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('fresh.about')}</Text>
          <PasswordInput
            label={t('signin.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            required
            data-autofocus
            visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
          />
          {failure?.status === 401 && <ReasonText title={t('fresh.wrong')}>{t('signin.wrong.about')}</ReasonText>}
          {failure && failure.status !== 401 && <ReasonText error={failure} />}
          <Group justify="end">
            <Button variant="default" onClick={() => setFresh(false)}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={confirm.isPending}>
              {t('common.continue')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
