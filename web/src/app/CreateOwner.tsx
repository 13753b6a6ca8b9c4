import { Button, PasswordInput, Stack, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import type { Session } from '~/api/shapes'
import { ReasonText } from '~/kit/parts'
import css from './door.module.css'

const SHORTEST = 8

/** The very first page of a new server: who owns it. */
export default function CreateOwner({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [values, setValues] = useState({ username: '', password: '', code: '' })
  const state = useQuery({ queryKey: ['core', 'first-run'], queryFn: () => must(api.GET('/polycast/v1/first-run')) })
  const create = useMutation({
    mutationFn: () => {
      const { username, password, code } = values
      return must(api.POST('/polycast/v1/first-run/owner', { body: { username, password, ...(code ? { code } : {}) } }))
    },
    onSuccess: (session) => {
      onDone(session)
      void navigate({ to: '/app/welcome' })
    },
  })
  const failure = create.error && asFailure(create.error)
  const said = (path: string) => failure?.problems.find((one) => one.path === path)?.text
  const field = (key: keyof typeof values) => ({
    value: values[key],
    onChange: (event: { currentTarget: { value: string } }) => setValues({ ...values, [key]: event.currentTarget.value }),
    error: said(key),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <main className={css.door}>
      <form className={css.box} onSubmit={submit}>
        <div className={css.brand}>
          <img src="/icon.svg" alt="" />
          <Title order={1}>{t('owner.title')}</Title>
        </div>
        <p className={css.about}>{t('owner.about')}</p>
        <Stack>
          <TextInput
            label={t('owner.username')}
            description={t('owner.username.about')}
            {...field('username')}
            autoComplete="username"
            required
          />
          <PasswordInput
            label={t('signin.password')}
            description={t('owner.password.about', { count: SHORTEST })}
            {...field('password')}
            minLength={SHORTEST}
            maxLength={128}
            autoComplete="new-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
          />
          {state.data?.code_required && (
            <TextInput
              label={t('owner.code')}
              description={t('owner.code.about')}
              {...field('code')}
              autoComplete="one-time-code"
              required
            />
          )}
          {failure && failure.problems.length === 0 && <ReasonText error={failure} />}
          <Button type="submit" size="md" loading={create.isPending}>
            {t('owner.create')}
          </Button>
        </Stack>
      </form>
    </main>
  )
}
