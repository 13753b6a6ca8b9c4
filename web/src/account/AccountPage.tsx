import { Button, Group, PasswordInput, Stack, Tabs, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import { Card, Page, ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useSearch } from '~/kit/useSearch'
import { Devices } from './Devices'
import { Keys } from './Keys'
import { Sessions } from './Sessions'

/** The server's words beside the fields they are about. */
export const fieldErrors = (error: unknown): Record<string, string> =>
  Object.fromEntries(asFailure(error).problems.map((one) => [one.path, one.text]))

function Profile() {
  const { t } = useTranslation()
  const { me } = useSession()
  const cache = useQueryClient()
  const form = useForm({ initialValues: { first_name: me.first_name, last_name: me.last_name, email: me.email ?? '' } })
  const save = useMutation({
    mutationFn: (values: typeof form.values) =>
      must(api.PATCH('/polycast/v1/me', { body: { ...values, email: values.email || null } })),
    onSuccess: () => {
      form.resetDirty()
      toast.good(t('common.saved'))
      return cache.invalidateQueries({ queryKey: ['core', 'session'] })
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  return (
    <Card title={t('account.profile')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack maw={480}>
          <TextInput
            label={t('owner.username')}
            value={me.username}
            disabled
            description={t('account.role', { role: me.role })}
          />
          <Group grow>
            <TextInput
              label={t('account.first')}
              {...form.getInputProps('first_name')}
              maxLength={150}
              autoComplete="given-name"
            />
            <TextInput
              label={t('account.last')}
              {...form.getInputProps('last_name')}
              maxLength={150}
              autoComplete="family-name"
            />
          </Group>
          <TextInput label={t('account.email')} type="email" {...form.getInputProps('email')} autoComplete="email" />
          {save.error && asFailure(save.error).problems.length === 0 && <ReasonText error={save.error} />}
          <div>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t('common.save')}
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  )
}

function Password() {
  const { t } = useTranslation()
  const form = useForm({ initialValues: { current: '', new: '' } })
  const eye = { 'aria-label': t('common.showpassword') }
  const save = useMutation({
    mutationFn: (body: typeof form.values) => must(api.POST('/polycast/v1/me/password', { body })),
    onSuccess: () => {
      form.reset()
      toast.good(t('password.done'))
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  return (
    <Card title={t('password.title')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack maw={480}>
          <PasswordInput
            label={t('password.current')}
            required
            autoComplete="current-password"
            visibilityToggleButtonProps={eye}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('password.new')}
            description={t('password.about')}
            required
            minLength={8}
            maxLength={128}
            autoComplete="new-password"
            visibilityToggleButtonProps={eye}
            {...form.getInputProps('new')}
          />
          {save.error && asFailure(save.error).problems.length === 0 && <ReasonText error={save.error} />}
          <div>
            <Button type="submit" variant="default" loading={save.isPending}>
              {t('password.change')}
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  )
}

export default function AccountPage() {
  const { t } = useTranslation()
  const [{ tab = 'profile' }, change] = useSearch()
  return (
    <Page title={t('account.title')}>
      <Tabs value={tab} onChange={(value) => change({ tab: value === 'profile' ? '' : (value ?? '') })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="profile">{t('account.profile')}</Tabs.Tab>
          <Tabs.Tab value="devices">{t('devices.title')}</Tabs.Tab>
          <Tabs.Tab value="keys">{t('keys.api')}</Tabs.Tab>
          <Tabs.Tab value="sessions">{t('sessions.title')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Stack>
            <Profile />
            <Password />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="devices">
          <Devices />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <Keys />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <Sessions />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
