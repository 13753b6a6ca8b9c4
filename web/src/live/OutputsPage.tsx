import { Accordion, Button, Group, Select, TextInput, Title } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, Loaded, ReasonText } from '~/kit/parts'
import { CopyButton, QrCode, Secret } from '~/kit/Secret'
import { useSession } from '~/kit/session'
import { useSearch } from '~/kit/useSearch'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { filled, type Output, wordsOf } from './outputs'

const PLAYERS = ['plex', 'jellyfin', 'kodi', 'tivimate', 'vlc'] as const

function Password({ onMade }: { onMade: (secret: string) => void }) {
  const { t } = useTranslation()
  const { me } = useSession()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const [shown, setShown] = useState('')
  const make = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/me/devices', { body: { name, scopes: null, ends_at: null } })),
    onSuccess: (made) => {
      setShown(made.secret)
      onMade(made.secret)
      return cache.invalidateQueries({ queryKey: ['core', 'me', 'devices'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit}>
      {shown && (
        <Secret
          title={t('devices.made')}
          about={t('devices.made.about', { name: me.username })}
          secret={shown}
          onClose={() => setShown('')}
        />
      )}
      <Group align="end">
        <TextInput
          label={t('common.name')}
          description={t('outputs.fordevice.about')}
          placeholder={t('devices.example')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          style={{ flex: 1, minWidth: 220 }}
        />
        <Button type="submit" leftSection={<IconKey size={16} />} loading={make.isPending}>
          {t('outputs.make')}
        </Button>
      </Group>
      {make.error && <ReasonText error={make.error} />}
    </form>
  )
}

function Address({ output, password }: { output: Output; password: string }) {
  const { t } = useTranslation()
  const { me } = useSession()
  const url = filled(output.url, output.needs_password ? password : '')
  const words = wordsOf(output)
  const inside = output.needs_password && output.url !== url
  return (
    <Card title={t(`${words}.title`)}>
      <p className={css.dim} style={{ marginTop: -6 }}>
        {t(`${words}.about`, { username: me.username })}
      </p>
      <Group wrap="nowrap" align="center">
        <div className={css.url} data-testid={`output-${output.kind}${output.needs_password ? '' : '-home'}`}>
          {url}
        </div>
        <CopyButton text={url} label={t(`${words}.title`)} />
      </Group>
      {inside && password && (
        <div style={{ marginTop: 12 }}>
          <QrCode text={url} label={t('secret.qr')} />
        </div>
      )}
    </Card>
  )
}

function Addresses({ outputs, password }: { outputs: readonly Output[]; password: string }) {
  return outputs.map((one) => <Address key={`${one.kind}${one.url}`} output={one} password={password} />)
}

export default function OutputsPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const [{ profile = '' }, change] = useSearch()
  const [password, setPassword] = useState('')
  const profiles = useQuery({
    queryKey: ['live', 'profiles'],
    queryFn: async () => rowsOf(await must(api.GET('/api/channels/profiles/'))),
    enabled: may('live:read'),
  })
  const chosen = profile ? { profile: Number(profile) } : {}
  const query = useQuery({
    queryKey: ['live', 'outputs', profile],
    queryFn: () => must(api.GET('/polycast/v1/live/outputs', { params: { query: chosen } })),
  })
  return (
    <LivePage
      title={t('outputs.title')}
      about={t('outputs.about')}
      actions={
        (profiles.data?.length ?? 0) > 0 && (
          <Select
            aria-label={t('profiles.title')}
            placeholder={t('outputs.allchannels')}
            clearable
            value={profile || null}
            onChange={(value) => change({ profile: value ?? '' })}
            data={(profiles.data ?? []).map((one) => ({ value: String(one.id), label: clip(one.name, 60) }))}
            clearButtonProps={{ 'aria-label': t('common.all') }}
          />
        )
      }
    >
      <Loaded query={query}>
        {({ origin, username, reachable, items }) => (
          <>
            {!reachable && (
              <ReasonText level="warning" title={t('outputs.warning')}>
                {t('outputs.loopback', { host: location.hostname })}
              </ReasonText>
            )}
            {!profile && (
              <>
                <Title order={2}>{t('outputs.yours')}</Title>
                <Card title={t('outputs.fordevice')}>
                  <Password onMade={setPassword} />
                </Card>
                <Addresses outputs={items.filter((one) => one.needs_password)} password={password} />
              </>
            )}
            <Title order={2}>{t('outputs.home')}</Title>
            <Addresses outputs={items.filter((one) => !one.needs_password)} password="" />
            <Card title={t('outputs.hints')}>
              <Accordion variant="default">
                {PLAYERS.map((one) => (
                  <Accordion.Item key={one} value={one}>
                    <Accordion.Control>{t(`outputs.${one}`)}</Accordion.Control>
                    <Accordion.Panel>{t(`outputs.${one}.how`, { origin, username })}</Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            </Card>
          </>
        )}
      </Loaded>
    </LivePage>
  )
}
