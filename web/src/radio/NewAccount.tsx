import { Button, Group, Modal, NumberInput, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import { ReasonText } from '~/kit/parts'
import { ACCOUNTS, STATIONS } from './shapes'

const FIRST = {
  username: '',
  email: '',
  password: '',
  first_name: '',
  limit_listeners: 100,
  limit_bitrate: 128,
  limit_du: 5000,
  limit_traffic: 0,
}
const LIMITS = ['listeners', 'bitrate', 'du', 'traffic'] as const

/** A new customer: a name, an address and limits; everything else is made for them. */
export function NewAccount({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const form = useForm({ initialValues: FIRST })
  const add = useMutation({
    mutationFn: () => must(api.POST('/api/v1/broadcasters/', { body: { ...form.values, limit_stations: 1 } })),
    onSuccess: () => {
      for (const queryKey of [ACCOUNTS, STATIONS]) void cache.invalidateQueries({ queryKey })
      form.reset()
      onClose()
    },
    onError: (error) =>
      form.setErrors(
        Object.fromEntries(
          asFailure(error).problems.map((one) => [one.path, t(`radio.code.${one.text}`, { defaultValue: one.text })]),
        ),
      ),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('radio.add')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form onSubmit={form.onSubmit(() => add.mutate())}>
        <Stack>
          <TextInput
            label={t('radio.username')}
            required
            autoComplete="off"
            pattern="[a-z][a-z0-9_]{1,30}"
            data-autofocus
            {...form.getInputProps('username')}
          />
          <TextInput label={t('radio.email')} required type="email" autoComplete="off" {...form.getInputProps('email')} />
          <PasswordInput
            label={t('signin.password')}
            required
            minLength={8}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
            {...form.getInputProps('password')}
          />
          <TextInput label={t('radio.stationname')} {...form.getInputProps('first_name')} />
          <Group grow>
            {LIMITS.slice(0, 2).map((one) => (
              <NumberInput key={one} label={t(`radio.limit.${one}`)} min={0} {...form.getInputProps(`limit_${one}`)} />
            ))}
          </Group>
          <Group grow>
            {LIMITS.slice(2).map((one) => (
              <NumberInput
                key={one}
                label={t(`radio.limit.${one}`)}
                description={t('radio.limit.zero')}
                min={0}
                {...form.getInputProps(`limit_${one}`)}
              />
            ))}
          </Group>
          {add.error && <ReasonText error={add.error} />}
          <Group justify="flex-end">
            <Button variant="subtle" color="gray" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('radio.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
