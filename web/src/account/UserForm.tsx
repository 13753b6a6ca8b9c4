import { Button, Group, Modal, NumberInput, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import type { Answer, Sent } from '~/api/shapes'
import { useConfirmDanger } from '~/kit/confirm'
import { ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'

export type User = Answer<'/polycast/v1/users'>['items'][number]

function useUserActions(user: User | null, onClose: () => void) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const done = () => {
    void cache.invalidateQueries({ queryKey: ['core', 'users'] })
    onClose()
  }
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const path = { params: { path: { id: user?.id ?? 0 } } }
  const remove = useMutation({ mutationFn: () => must(api.DELETE('/polycast/v1/users/{id}', path)), onSuccess: done, onError })
  const signOut = useMutation({
    mutationFn: () => must(api.DELETE('/polycast/v1/users/{id}/sessions', path)),
    onSuccess: () => toast.good(t('users.signedout')),
    onError,
  })
  const setPassword = useMutation({
    mutationFn: (password: string) => must(api.POST('/polycast/v1/users/{id}/password', { ...path, body: { new: password } })),
    onSuccess: () => toast.good(t('password.done')),
    onError,
  })
  return { done, remove, signOut, setPassword }
}

function Existing({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  const { me } = useSession()
  const confirm = useConfirmDanger()
  const [password, setPassword] = useState('')
  const actions = useUserActions(user, onClose)
  return (
    <>
      <Group align="end">
        <PasswordInput
          label={t('users.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          minLength={8}
          autoComplete="new-password"
          style={{ flex: 1 }}
          visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
        />
        <Button
          variant="default"
          disabled={password.length < 8}
          loading={actions.setPassword.isPending}
          onClick={() => actions.setPassword.mutate(password)}
        >
          {t('common.save')}
        </Button>
      </Group>
      <Group justify="space-between">
        <Button variant="subtle" color="gray" onClick={() => actions.signOut.mutate()}>
          {t('users.signout')}
        </Button>
        {user.id !== me.id && (
          <Button
            variant="subtle"
            color="red"
            onClick={() =>
              confirm({
                title: t('users.delete'),
                what: t('users.delete.what', { name: user.username }),
                action: t('users.delete'),
                run: () => actions.remove.mutate(),
              })
            }
          >
            {t('users.delete')}
          </Button>
        )}
      </Group>
    </>
  )
}

export function UserForm({ user, onClose }: { user: User | null; onClose: () => void }) {
  const { t } = useTranslation()
  const roles = useQuery({ queryKey: ['core', 'roles'], queryFn: () => must(api.GET('/polycast/v1/roles')) })
  const { done } = useUserActions(user, onClose)
  const form = useForm({
    initialValues: {
      username: user?.username ?? '',
      password: '',
      role: user?.role ?? 'member',
      email: user?.email ?? '',
      first_name: user?.first_name ?? '',
      last_name: user?.last_name ?? '',
      is_active: user?.is_active ?? true,
      stream_limit: user?.stream_limit ?? 0,
    },
  })
  const save = useMutation({
    mutationFn: ({ username, password, is_active, stream_limit, ...rest }: typeof form.values) => {
      const common = { ...rest, role: rest.role as Sent<'/polycast/v1/users', 'post'>['role'], email: rest.email || null }
      if (!user) return must(api.POST('/polycast/v1/users', { body: { username, password, ...common } }))
      return must(
        api.PATCH('/polycast/v1/users/{id}', { params: { path: { id: user.id } }, body: { ...common, is_active, stream_limit } }),
      )
    },
    onSuccess: done,
    onError: (error) => form.setErrors(Object.fromEntries(asFailure(error).problems.map((one) => [one.path, one.text]))),
  })
  const offered = (roles.data?.items ?? []).filter((role) => role.assignable || role.name === user?.role)
  return (
    <Modal
      opened
      onClose={onClose}
      title={user ? user.username.slice(0, 80) : t('users.new')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {!user && (
            <TextInput
              label={t('owner.username')}
              required
              maxLength={150}
              data-autofocus
              autoComplete="off"
              {...form.getInputProps('username')}
            />
          )}
          {!user && (
            <PasswordInput
              label={t('signin.password')}
              required
              minLength={8}
              maxLength={128}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
              {...form.getInputProps('password')}
            />
          )}
          <Select
            label={t('users.role')}
            data={offered.map((role) => ({ value: role.name, label: role.title }))}
            description={offered.find((role) => role.name === form.values.role)?.about}
            allowDeselect={false}
            {...form.getInputProps('role')}
          />
          <Group grow>
            <TextInput label={t('account.first')} {...form.getInputProps('first_name')} />
            <TextInput label={t('account.last')} {...form.getInputProps('last_name')} />
          </Group>
          <TextInput label={t('account.email')} type="email" {...form.getInputProps('email')} />
          {user && (
            <NumberInput
              label={t('users.streams')}
              description={t('users.streams.about')}
              min={0}
              max={1000}
              {...form.getInputProps('stream_limit')}
            />
          )}
          {user && <Switch label={t('users.active')} {...form.getInputProps('is_active', { type: 'checkbox' })} />}
          {save.error && asFailure(save.error).problems.length === 0 && <ReasonText error={save.error} />}
          <Button type="submit" loading={save.isPending}>
            {t('common.save')}
          </Button>
          {user && <Existing user={user} onClose={onClose} />}
        </Stack>
      </form>
    </Modal>
  )
}
