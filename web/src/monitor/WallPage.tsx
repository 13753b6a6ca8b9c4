import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots, IconPlus, IconServerOff } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { bytes, clip } from '~/kit/format'
import { LiveCard } from '~/kit/LiveCard'
import { Card, Dot, EmptyState, Loaded, TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { AddServer } from './AddServer'
import { MonitorPage } from './MonitorPage'
import css from './monitor.module.css'
import { type Incident, levelOf, OVERVIEW, type Server, sorted, stateOf } from './shapes'

function useActions() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const how = {
    onSuccess: () => cache.invalidateQueries({ queryKey: OVERVIEW }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  return {
    turn: useMutation({
      mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
        must(api.PATCH('/api/v1/dvrs/{dvr_id}', { params: { path: { dvr_id: id } }, body: { enabled } as never })),
      ...how,
    }),
    remove: useMutation({
      mutationFn: (id: string) => must(api.DELETE('/api/v1/dvrs/{dvr_id}', { params: { path: { dvr_id: id } } })),
      ...how,
    }),
    act: useMutation({
      mutationFn: ({ id, action }: { id: number; action: string }) =>
        must(
          api.POST('/api/v1/monitor/incidents/{incident_id}/{action}', {
            params: { path: { incident_id: id, action } },
            body: { text: '' },
          }),
        ),
      ...how,
    }),
  }
}

function ServerMenu({ server }: { server: Server }) {
  const { t } = useTranslation()
  const { turn, remove } = useActions()
  const confirm = useConfirmDanger()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={clip(server.name, 60)}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => turn.mutate({ id: server.id, enabled: !server.enabled })}>
          {t(server.enabled ? 'monitor.off' : 'monitor.on')}
        </Menu.Item>
        <Menu.Item
          color="red"
          onClick={() =>
            confirm({
              title: `${t('monitor.remove')}: ${clip(server.name, 60)}`,
              what: t('monitor.remove.about'),
              action: t('monitor.remove'),
              run: () => remove.mutate(server.id),
            })
          }
        >
          {t('monitor.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** The server that stands for our own transfers: what it "records" comes in, and says how far it is. */
const TRANSFERS = 'polycast_acquire'

function ServerCard({ server, may }: { server: Server; may: boolean }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const isOwn = server.provider === 'polycast' // our own modules: always there, nothing to switch off
  const figures: [string, string][] = [[t('monitor.streams'), String(server.stream_count)]]
  if (server.disk_total !== null && server.disk_free !== null) figures.push([t('monitor.disk'), bytes(server.disk_free, locale)])
  if (server.planned > 0) figures.push([t('monitor.planned'), String(server.planned)])
  return (
    <LiveCard
      name={server.name}
      level={levelOf(server)}
      state={t(stateOf(server))}
      since={server.connected ? null : server.offline_since}
      figures={figures}
      note={
        server.error || server.version_warning || (server.version ? `${t('monitor.version')} ${clip(server.version, 40)}` : '')
      }
      actions={may && !isOwn && <ServerMenu server={server} />}
    >
      {server.watching.map((one) => (
        <div key={one.key} className={css.line}>
          <span className={css.grow}>
            {t('monitor.watches', { device: clip(one.device, 40), what: clip(one.channel, 60) })}
            {one.title && one.title !== one.channel && <div className={css.dim}>{clip(one.title, 80)}</div>}
          </span>
          <span className={css.dim}>
            <TimeAgo at={one.since} />
          </span>
        </div>
      ))}
      {server.recording.map((one) => (
        <div key={one.title + one.channel} className={css.line}>
          <Dot level={server.id === TRANSFERS ? 'info' : 'bad'} />
          <span className={css.grow}>
            {server.id === TRANSFERS
              ? `${clip(one.title, 60)} · ${one.until}`
              : t(one.until ? 'monitor.recordsUntil' : 'monitor.records', { what: clip(one.title, 60), until: one.until })}
          </span>
        </div>
      ))}
      {isOwn &&
        Object.entries(server.details).map(([name, value]) => (
          <div key={name} className={css.dim}>
            {t(`monitor.detail.${name}`, { defaultValue: name })}: {clip(value, 80)}
          </div>
        ))}
      {server.next_title && server.next_at && (
        <div className={css.dim}>
          {t('monitor.next')}: {clip(server.next_title, 60)} · <TimeAgo at={server.next_at} />
        </div>
      )}
    </LiveCard>
  )
}

function Incidents({ items, may }: { items: readonly Incident[]; may: boolean }) {
  const { t } = useTranslation()
  const { act } = useActions()
  if (items.length === 0) return null
  return (
    <Card title={t('monitor.incidents')}>
      {items.map((one) => (
        <div key={one.id} className={css.line}>
          <Dot level={one.severity === 'critical' ? 'bad' : 'warning'} />
          <span className={css.grow}>
            {clip(one.title, 120)}
            <div className={css.dim}>
              <TimeAgo at={one.opened_at} />
              {one.state === 'acknowledged' && ` · ${t('monitor.acked')}`}
            </div>
          </span>
          {may && one.state === 'open' && (
            <Button size="xs" variant="default" onClick={() => act.mutate({ id: one.id, action: 'ack' })}>
              {t('monitor.ack')}
            </Button>
          )}
          {may && (
            <Button size="xs" variant="subtle" onClick={() => act.mutate({ id: one.id, action: 'resolve' })}>
              {t('monitor.resolve')}
            </Button>
          )}
        </div>
      ))}
    </Card>
  )
}

export default function WallPage() {
  const { t } = useTranslation()
  const may = useSession().may('monitor:write')
  const [values, change] = useSearch()
  const query = useQuery({ queryKey: OVERVIEW, queryFn: () => must(api.GET('/api/v1/monitor/overview')) })
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => change({ add: '1' })}>
      {t('monitor.add')}
    </Button>
  )
  const data = query.data
  return (
    <MonitorPage title={t('monitor.title')} about={data && data.servers.length > 0 && t('monitor.about', data)} actions={add}>
      <Loaded query={query}>
        {(found) => (
          <>
            <Incidents items={found.incidents} may={may} />
            {found.servers.length === 0 ? (
              <EmptyState icon={IconServerOff} title={t('monitor.none')} action={add || undefined}>
                {t('monitor.none.about')}
              </EmptyState>
            ) : (
              <div className={css.cards}>
                {sorted(found.servers).map((server) => (
                  <ServerCard key={server.id} server={server} may={may} />
                ))}
              </div>
            )}
          </>
        )}
      </Loaded>
      {may && <AddServer opened={values.add === '1'} close={() => change({ add: '' })} />}
    </MonitorPage>
  )
}
