import { Button, PasswordInput, Select } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, Dot, Loaded, ReasonText, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { MonitorPage } from './MonitorPage'
import css from './monitor.module.css'
import { LOG } from './shapes'

const WAYS = ['email', 'email_to', 'discord', 'telegram', 'pushover', 'slack', 'gotify', 'matrix', 'custom'] as const
const PLACES = ['monitor', 'settings', 'places'] as const
const POLICY = ['monitor', 'settings', 'policy'] as const

interface LogLine {
  id: number
  channel: string
  event_type: string
  status: string
  error: string | null
  sent_at: string
}

function Policy() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useQuery({ queryKey: POLICY, queryFn: () => must(api.GET('/api/v1/monitor/alert-policy')) })
  const choose = useMutation({
    mutationFn: (policy: string) => must(api.PUT('/api/v1/monitor/alert-policy', { body: { policy } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: POLICY }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  })
  const found = query.data as { policy: string; policies: string[] } | undefined
  if (!found) return null
  const offered = found.policies.filter((one) => one !== 'custom' || found.policy === 'custom')
  return (
    <Select
      label={t('monitor.policy')}
      data={offered.map((value) => ({ value, label: t(`monitor.policy.${value}`) }))}
      value={found.policy}
      onChange={(policy) => policy && policy !== 'custom' && choose.mutate(policy)}
      allowDeselect={false}
    />
  )
}

function Test({ channel, id }: { channel: string; id: string }) {
  const { t } = useTranslation()
  const send = useMutation({
    mutationFn: () =>
      must(api.POST('/api/v1/monitor/destinations/{channel}/test', { params: { path: { channel }, query: { channel_id: id } } })),
  })
  return (
    <div className={css.line}>
      <span className={css.grow}>
        {t(`monitor.way.${channel}`)}
        {send.data && (
          <div className={css.dim} aria-live="polite">
            <Dot level={send.data.success ? 'good' : 'bad'} />{' '}
            {send.data.success ? t('monitor.way.good', { ms: send.data.latency_ms }) : clip(send.data.answer, 200)}
          </div>
        )}
        {send.error && <ReasonText error={send.error} />}
      </span>
      <Button size="xs" variant="default" loading={send.isPending} onClick={() => send.mutate()}>
        {t('monitor.way.test')}
      </Button>
    </div>
  )
}

/** Addresses are written and never read back: what is typed replaces what is stored, what is left alone stays. */
function Addresses() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [typed, setTyped] = useState<Record<string, string>>({})
  const places = useQuery({ queryKey: PLACES, queryFn: () => must(api.GET('/api/v1/monitor/destinations')) })
  const known = new Set((places.data ?? []).map((one) => one.channel))
  const save = useMutation({
    mutationFn: () => {
      const body = Object.fromEntries(Object.entries(typed).map(([way, value]) => [`apprise_${way}`, value]))
      return must(api.POST('/api/settings', { body: body as never }))
    },
    onSuccess: () => {
      toast.good(t('monitor.way.saved'))
      setTyped({})
      void cache.invalidateQueries({ queryKey: PLACES })
    },
  })
  return (
    <>
      <Card title={t('monitor.destinations')}>
        <Policy />
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate()
          }}
        >
          {WAYS.map((way) => (
            <PasswordInput
              key={way}
              mt="sm"
              label={t(`monitor.way.${way}`)}
              placeholder={known.has(way) ? t('monitor.way.set') : ''}
              value={typed[way] ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget
                setTyped((now) => ({ ...now, [way]: value }))
              }}
              autoComplete="off"
            />
          ))}
          {save.error && <ReasonText error={save.error} />}
          <Button type="submit" mt="md" loading={save.isPending} disabled={Object.keys(typed).length === 0}>
            {t('monitor.way.save')}
          </Button>
        </form>
      </Card>
      {(places.data ?? []).length > 0 && (
        <Card title={t('monitor.way.test')}>
          {places.data?.map((one) => (
            <Test key={one.channel + one.channel_id} channel={one.channel} id={one.channel_id} />
          ))}
        </Card>
      )}
    </>
  )
}

export default function DestinationsPage() {
  const { t } = useTranslation()
  const log = useQuery({
    queryKey: LOG,
    queryFn: async () => {
      const found = await must(api.GET('/api/v1/notification-log', { params: { query: { limit: 50 } } }))
      return (found as unknown as { items: LogLine[] }).items
    },
  })
  return (
    <MonitorPage title={t('monitor.destinations')}>
      <Addresses />
      <Card title={t('monitor.log')}>
        <Loaded query={log}>
          {(items) =>
            items.length === 0 ? (
              <div className={css.dim}>{t('monitor.log.none')}</div>
            ) : (
              items.map((one) => (
                <div key={one.id} className={css.line}>
                  <Dot level={one.status === 'sent' ? 'good' : one.status.startsWith('suppressed') ? 'info' : 'bad'} />
                  <span className={css.grow}>
                    {t(`monitor.way.${one.channel}`)} <span className={css.dim}>{one.event_type}</span>
                    {one.error && <div className={css.dim}>{clip(one.error, 160)}</div>}
                  </span>
                  <span className={css.dim}>
                    <TimeAgo at={one.sent_at} />
                  </span>
                </div>
              ))
            )
          }
        </Loaded>
      </Card>
    </MonitorPage>
  )
}
