import { ActionIcon, Button, Group, Menu, Tooltip } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop, IconSwitchHorizontal, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bits, bytes, clip } from '~/kit/format'
import { LiveCard as Card } from '~/kit/LiveCard'
import { TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { watch } from '~/player/live'
import css from './live.module.css'
import { rateOf } from './sessions'
import type { LiveSession } from './shapes'

const LEVELS: Readonly<Record<LiveSession['state'], 'good' | 'warning' | 'bad' | 'info'>> = {
  connecting: 'info',
  playing: 'good',
  stalled: 'warning',
  switching: 'warning',
  stopping: 'info',
  failed: 'bad',
}

function useSessionActions(uuid: string) {
  const { t } = useTranslation()
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const path = { params: { path: { uuid } } }
  return {
    stop: useMutation({ mutationFn: () => must(api.DELETE('/polycast/v1/live/sessions/{uuid}', path)), onError }),
    change: useMutation({
      mutationFn: (stream_id: number | null) =>
        must(api.POST('/polycast/v1/live/sessions/{uuid}/switch', { ...path, body: { stream_id } })),
      onError,
    }),
    drop: useMutation({
      mutationFn: (id: string) =>
        must(api.DELETE('/polycast/v1/live/sessions/{uuid}/clients/{id}', { params: { path: { uuid, id } } })),
      onError,
    }),
  }
}

function Clients({ session, drop, may }: { session: LiveSession; drop: (id: string) => void; may: boolean }) {
  const { t } = useTranslation()
  const locale = useLocale()
  return session.clients.slice(0, 12).map((client) => (
    <div key={client.id} className={css.line}>
      <div style={{ minWidth: 0 }}>
        {clip(client.user || t('status.anybody'), 60)} <span className={css.dim}>{client.address}</span>
        <div className={css.dim}>
          {clip(client.agent, 70)} · {bytes(client.sent_bytes, locale)} · <TimeAgo at={client.connected_at} />
        </div>
      </div>
      {may && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('status.drop', { name: client.user || client.address })}
          onClick={() => drop(client.id)}
        >
          <IconX size={16} />
        </ActionIcon>
      )}
    </div>
  ))
}

/** A channel that runs: who watches, from where it comes, how fast; switch and stop. */
export function LiveCard({ session }: { session: LiveSession }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { may } = useSession()
  const { stop, change, drop } = useSessionActions(session.uuid)
  const write = may('live:write')
  const rate = rateOf(session.uuid)
  const figures: readonly (readonly [string, string | number])[] = [
    [t('status.rate'), bits(session.rate_bps, locale)],
    [t('status.clients'), session.clients.length],
    [t('status.received'), bytes(session.received_bytes, locale)],
    [t('status.switches'), session.switches],
  ]
  return (
    <Card
      name={[session.number, clip(session.name, 80)].filter(Boolean).join(' · ')}
      image={session.logo_url}
      level={LEVELS[session.state] ?? 'info'}
      state={t(`status.state.${session.state}`)}
      since={session.started_at}
      figures={figures}
      curve={{ label: t('status.rate'), at: rate.at, values: rate.bps, format: (value) => bits(value, locale) }}
      note={session.message}
      actions={
        <Tooltip label={t('live.watch')}>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={`${t('live.watch')}: ${clip(session.name, 60)}`}
            onClick={() => watch(session.channel_id)}
          >
            <IconPlayerPlay size={18} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <div className={css.line}>
        <span className={css.dim}>
          {clip([session.source, session.stream?.name].filter(Boolean).join(' · '), 120)}
          <br />
          {[session.video, session.audio].filter(Boolean).join(' · ')}
        </span>
        {write && (
          <Group gap={6} wrap="nowrap">
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconSwitchHorizontal size={15} />}
                  loading={change.isPending}
                  disabled={session.streams.length < 2}
                >
                  {t('status.switch')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => change.mutate(null)}>{t('status.next')}</Menu.Item>
                <Menu.Divider />
                {session.streams.slice(0, 20).map((stream) => (
                  <Menu.Item key={stream.id} disabled={stream.id === session.stream?.id} onClick={() => change.mutate(stream.id)}>
                    {clip(stream.name, 60)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlayerStop size={15} />}
              loading={stop.isPending}
              onClick={() => stop.mutate()}
            >
              {t('status.stop')}
            </Button>
          </Group>
        )}
      </div>
      <Clients session={session} drop={(id) => drop.mutate(id)} may={write} />
    </Card>
  )
}
