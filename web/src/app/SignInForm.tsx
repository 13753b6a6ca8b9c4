import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import type { Session } from '~/api/shapes'
import { ReasonText } from '~/kit/parts'

export function SignInForm({ name: known = '', onDone }: { name?: string; onDone: (session: Session) => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState(known)
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/session', { body: { name, password } })),
    onSuccess: onDone,
  })
  const failure = signIn.error && asFailure(signIn.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('signin.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="username"
          required
          data-autofocus={!known}
        />
        <PasswordInput
          label={t('signin.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          data-autofocus={Boolean(known)}
          visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
        />
        {failure?.status === 401 && <ReasonText title={t('signin.wrong')}>{t('signin.wrong.about')}</ReasonText>}
        {failure?.status === 429 && (
          <ReasonText title={t('signin.toomany')}>{t('signin.toomany.about', { seconds: failure.retryAfter || 60 })}</ReasonText>
        )}
        {failure && failure.status !== 401 && failure.status !== 429 && <ReasonText error={failure} />}
        <Button type="submit" loading={signIn.isPending} size="md">
          {t('signin.enter')}
        </Button>
      </Stack>
    </form>
  )
}
