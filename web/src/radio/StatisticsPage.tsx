import { Anchor, Button, Group, SegmentedControl, SimpleGrid, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bytes, clip, count } from '~/kit/format'
import { Card, Loaded, Skeletons, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { StationTop } from './RadioPage'
import css from './radio.module.css'
import { keyOf, serverOf } from './station'
import { type Counted, daysBack, figuresOf, listenersOf, secondsOf, type Total } from './statistics'

const History = lazy(() => import('~/kit/History'))
const SPANS = ['1', '7', '30', '90'] as const
const REPORTS = ['soundexchange', 'csv', 'xlsx'] as const

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz="xl" fw={600}>
        {children}
      </Text>
    </div>
  )
}

function Curve({ rows }: { rows: readonly Counted[] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  if (rows.length === 0) return <Text c="dimmed">{t('radio.stats.none')}</Text>
  return (
    <Suspense fallback={<Skeletons rows={3} />}>
      <History
        label={t('radio.stats.listeners')}
        at={rows.map((one) => secondsOf(one.at))}
        series={[
          { label: t('radio.stats.average'), values: rows.map((one) => one.average) },
          { label: t('radio.stats.peak'), values: rows.map((one) => one.peak) },
        ]}
        format={(value) => count(Math.round(value * 10) / 10, locale)}
      />
    </Suspense>
  )
}

function Ranking({ title, rows }: { title: string; rows: readonly Total[] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  return (
    <Card title={title}>
      {rows.length === 0 && <Text c="dimmed">{t('radio.stats.none')}</Text>}
      {rows.slice(0, 12).map((one) => (
        <div key={one.name} className={css.line}>
          <span className={css.grow}>{clip(one.name, 60) || t('radio.stats.unknown')}</span>
          <span className={css.dim}>{t('radio.stats.hours', { count: one.listening_hours })}</span>
          <span>{count(one.sessions, locale)}</span>
        </div>
      ))}
    </Card>
  )
}

function Listeners({ pk }: { pk: number }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const cache = useQueryClient()
  const query = useQuery({ queryKey: keyOf(pk, 'listeners'), queryFn: () => listenersOf(pk), refetchInterval: 10_000 })
  const kick = useMutation({
    mutationFn: (id: number) =>
      must(api.DELETE('/radio/api/v2/listeners/{pk}/', { params: { path: { pk: id }, query: { server: pk } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keyOf(pk, 'listeners') }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <Card title={t('radio.stats.now')}>
      <Loaded query={query} rows={2}>
        {(rows) => (
          <>
            {rows.length === 0 && <Text c="dimmed">{t('radio.stats.nobody')}</Text>}
            {rows.slice(0, 50).map((one) => (
              <div key={one.id} className={css.line}>
                <span className={css.grow}>
                  {one.ip}
                  <div className={css.dim}>
                    {clip(one.player || one.agent, 60)} · {bytes(one.bytes, locale)} · <TimeAgo at={one.since / 1000} />
                  </div>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => kick.mutate(one.id)}
                  aria-label={`${t('radio.stats.kick')}: ${one.ip}`}
                >
                  {t('radio.stats.kick')}
                </Button>
              </div>
            ))}
          </>
        )}
      </Loaded>
    </Card>
  )
}

function Figures({ pk, days, zone }: { pk: number; days: number; zone: string }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const span = daysBack(days, Date.now(), zone)
  const query = useQuery({
    queryKey: [...keyOf(pk, 'statistics'), span.date1, span.date2],
    queryFn: () => figuresOf(pk, span, days <= 7),
  })
  const file = (format: string) =>
    `/radio/api/v2/royalties/?server=${pk}&date1=${span.date1}&date2=${span.date2}&format=${format}`
  return (
    <Loaded query={query}>
      {({ summary, curve, countries, players, tracks }) => (
        <>
          <Card>
            <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
              <Figure label={t('radio.stats.atonce')}>{count(summary.listeners, locale)}</Figure>
              <Figure label={t('radio.stats.peak')}>{count(summary.listeners_peak, locale)}</Figure>
              <Figure label={t('radio.stats.sessions')}>{count(summary.sessions, locale)}</Figure>
              <Figure label={t('radio.stats.unique')}>{count(summary.unique, locale)}</Figure>
              <Figure label={t('radio.stats.listened')}>{count(summary.listening_hours, locale)}</Figure>
              <Figure label={t('radio.stats.traffic')}>{bytes(summary.traffic, locale)}</Figure>
            </SimpleGrid>
          </Card>
          <Card title={t('radio.stats.listeners')}>
            <Curve rows={curve} />
          </Card>
          <div className={css.station}>
            <Listeners pk={pk} />
            <Ranking title={t('radio.stats.players')} rows={players} />
            <Ranking title={t('radio.stats.countries')} rows={countries} />
            <Card title={t('radio.stats.tracks')}>
              {tracks.slice(0, 12).map((one) => (
                <div key={one.id} className={css.line}>
                  <span className={css.grow}>{clip(one.meta, 120)}</span>
                  <span className={css.dim}>{t('radio.stats.plays', { count: one.plays })}</span>
                </div>
              ))}
              {tracks.length === 0 && <Text c="dimmed">{t('radio.stats.none')}</Text>}
            </Card>
            <Card title={t('radio.stats.royalties')}>
              <Text size="sm" c="dimmed" mb="xs">
                {t('radio.stats.royalties.about')}
              </Text>
              <Group>
                {REPORTS.map((one) => (
                  <Anchor key={one} href={file(one)} download>
                    {t(`radio.stats.${one}`)}
                  </Anchor>
                ))}
              </Group>
            </Card>
          </div>
        </>
      )}
    </Loaded>
  )
}

export default function StatisticsPage() {
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const { t } = useTranslation()
  const [{ days = '7' }, change] = useSearch()
  const pk = Number(ref)
  const query = useQuery({ queryKey: keyOf(pk, 'server'), queryFn: () => serverOf(pk) })
  return (
    <StationTop pk={pk} title={query.data ? clip(query.data.title, 80) : t('radio.statistics')}>
      <SegmentedControl
        aria-label={t('radio.stats.span')}
        value={days}
        onChange={(value) => change({ days: value })}
        data={SPANS.map((one) => ({ value: one, label: t('radio.stats.days', { count: Number(one) }) }))}
        style={{ alignSelf: 'flex-start' }}
      />
      <Loaded query={query}>{(server) => <Figures pk={pk} days={Number(days) || 7} zone={server.timezone} />}</Loaded>
    </StationTop>
  )
}
