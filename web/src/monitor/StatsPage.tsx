import { SegmentedControl } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bytes, clip, clockLength } from '~/kit/format'
import { UsageBar } from '~/kit/LiveCard'
import { Card, EmptyState, Loaded } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { MonitorPage } from './MonitorPage'
import css from './monitor.module.css'
import { OVERVIEW, type Server, STATS } from './shapes'

const History = lazy(() => import('~/kit/History'))
const GROUPS = ['device', 'channel', 'program', 'user'] as const
const DAYS = ['1', '7', '30']
const DAY_MS = 86_400_000

type Group = (typeof GROUPS)[number]

function FreeSpace({ server, days }: { server: Server; days: number }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useQuery({
    queryKey: ['monitor', 'series', server.id, days],
    queryFn: () => {
      const from_at = new Date(Date.now() - days * DAY_MS).toISOString()
      return must(api.GET('/api/v1/monitor/series', { params: { query: { dvr_id: server.id, metric: 'disk_free', from_at } } }))
    },
  })
  const points = query.data ?? []
  if (points.length < 2) return null
  const title = t('monitor.freeSpace', { name: clip(server.name, 60) })
  return (
    <Card title={title}>
      <Suspense fallback={<div style={{ height: 220 }} />}>
        <History
          label={title}
          at={points.map((one) => Date.parse(one.t) / 1000)}
          series={[{ label: t('monitor.disk'), values: points.map((one) => one.v) }]}
          format={(value) => bytes(value, locale)}
        />
      </Suspense>
    </Card>
  )
}

export default function StatsPage() {
  const { t } = useTranslation()
  const [values, change] = useSearch()
  const group = (GROUPS as readonly string[]).includes(values.by ?? '') ? (values.by as Group) : 'device'
  const days = Number(values.days) || 7
  const query = useQuery({
    queryKey: [...STATS, group, days],
    queryFn: () => {
      const from_at = new Date(Date.now() - days * DAY_MS).toISOString()
      return must(api.GET('/api/v1/monitor/stats', { params: { query: { group_by: group, from_at } } }))
    },
    placeholderData: keepPreviousData,
  })
  const servers = useQuery({ queryKey: OVERVIEW, queryFn: () => must(api.GET('/api/v1/monitor/overview')) })
  return (
    <MonitorPage title={t('monitor.stats')}>
      <div className={css.row}>
        <SegmentedControl
          aria-label={t('monitor.watched')}
          data={GROUPS.map((value) => ({ value, label: t(`monitor.group.${value}`) }))}
          value={group}
          onChange={(by) => change({ by })}
        />
        <SegmentedControl
          aria-label={t('monitor.stats')}
          data={DAYS.map((value) => ({ value, label: t('monitor.days', { count: Number(value) }) }))}
          value={String(days)}
          onChange={(chosen) => change({ days: chosen })}
        />
      </div>
      <Loaded query={query}>
        {(data) => {
          const most = data.items[0]?.seconds ?? 0
          const ended = Object.entries(data.recordings)
          if (data.items.length === 0 && ended.length === 0)
            return (
              <EmptyState icon={IconChartBar} title={t('monitor.empty')}>
                {t('monitor.empty.about')}
              </EmptyState>
            )
          return (
            <div className={css.cards}>
              {data.items.length > 0 && (
                <Card title={t('monitor.watched')}>
                  {data.items.slice(0, 20).map((one) => (
                    <UsageBar
                      key={one.what}
                      label={clip(one.what, 60)}
                      used={one.seconds * 0.8}
                      limit={Math.max(most, 1)}
                      words={clockLength(one.seconds)}
                    />
                  ))}
                </Card>
              )}
              {ended.length > 0 && (
                <Card title={t('monitor.outcomes')}>
                  {ended.map(([word, number]) => (
                    <div key={word} className={css.line}>
                      <span>{t(`monitor.outcome.${word}`)}</span>
                      <span className="tabular">{number}</span>
                    </div>
                  ))}
                </Card>
              )}
            </div>
          )
        }}
      </Loaded>
      {servers.data?.servers
        .filter((one) => one.disk_total !== null)
        .map((one) => (
          <FreeSpace key={one.id} server={one} days={days} />
        ))}
    </MonitorPage>
  )
}
