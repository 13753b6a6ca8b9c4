import { Button, Group, TextInput } from '@mantine/core'
import { IconDeviceTv, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, ReasonText, TimeAgo } from '~/kit/parts'
import { Secret } from '~/kit/Secret'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import css from './account.module.css'

const KEY = ['core', 'me', 'devices']

export function Devices() {
  const { t } = useTranslation()
  const { me } = useSession()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const [name, setName] = useState('')
  const [secret, setSecret] = useState('')
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/me/devices')) })
  const again = () => cache.invalidateQueries({ queryKey: KEY })
  const make = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/me/devices', { body: { name, scopes: null, ends_at: null } })),
    onSuccess: (made) => {
      setSecret(made.secret)
      setName('')
      return again()
    },
  })
  const revoke = useMutation({
    mutationFn: (id: number) => must(api.DELETE('/polycast/v1/me/devices/{id}', { params: { path: { id } } })),
    onSuccess: again,
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Card title={t('devices.about')}>
      {secret && (
        <Secret
          title={t('devices.made')}
          about={t('devices.made.about', { name: me.username })}
          secret={secret}
          onClose={() => setSecret('')}
        />
      )}
      <form onSubmit={submit}>
        <Group align="end" mb="md">
          <TextInput
            label={t('devices.new')}
            placeholder={t('devices.example')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={100}
            style={{ flex: 1, minWidth: 200 }}
          />
          <Button type="submit" leftSection={<IconPlus size={16} />} loading={make.isPending}>
            {t('common.add')}
          </Button>
        </Group>
      </form>
      {make.error && <ReasonText error={make.error} />}
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <EmptyState icon={IconDeviceTv} title={t('devices.none')}>
              {t('devices.none.about')}
            </EmptyState>
          ) : (
            data.items.map((one) => (
              <div key={one.id} className={css.line}>
                <div>
                  <b>{clip(one.name, 120)}</b>
                  <div className={css.dim}>
                    {one.username} ·{' '}
                    {one.last_used_at ? <TimeAgo at={one.last_used_at} prefix={t('used.at')} /> : t('used.never')}
                  </div>
                </div>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`${t('keys.revoke')}: ${one.name}`}
                  onClick={() =>
                    confirm({
                      title: t('keys.revoke'),
                      what: t('keys.revoke.what', { name: clip(one.name, 80) }),
                      action: t('keys.revoke'),
                      run: () => revoke.mutate(one.id),
                    })
                  }
                >
                  {t('keys.revoke')}
                </Button>
              </div>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}
