import { Progress, Title } from '@mantine/core'
import { IconConfetti, IconDeviceTv } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { serverNow } from '~/api/serverTime'
import type { Home } from '~/api/shapes'
import { bits, bytes, clip, clock, percent } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { useHouse } from '~/kit/house'
import type { HomeRow } from '~/kit/module'
import { PartOf } from '~/kit/PartOf'
import { Card, Dot, EmptyState, Loaded, Logo, Page } from '~/kit/parts'
import parts from '~/kit/parts.module.css'
import { useSession } from '~/kit/session'
import { useLocale } from '~/kit/useLocale'
import { watch } from '~/player/live'
import css from './home.module.css'

const Chart = lazy(() => import('~/kit/Charts'))
const MINUTES = 60
const ON_NOW = 20 // where what is on now stands among the rows of the modules

function OnNow({ items }: { items: Home['on_now'] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const now = serverNow() / 1000
  return (
    <section className={css.section}>
      <Title order={2}>{t('home.onnow')}</Title>
      <div className={parts.wall}>
        {items.map((item) => (
          <button key={item.channel_id} type="button" className={css.now} onClick={() => watch(item.channel_id)}>
            <Logo url={item.logo_url} name={item.name} size={40} />
            <span style={{ minWidth: 0 }}>
              <b>{clip(item.title, 120)}</b>
              <span className={css.cut}>
                {[item.number, clip(item.name, 60)].filter(Boolean).join(' · ')} ·{' '}
                {t('home.until', { time: clock(item.end * 1000, locale) })}
              </span>
            </span>
            <span className={css.bar}>
              <i style={{ width: `${Math.min(100, Math.max(0, (100 * (now - item.start)) / (item.end - item.start)))}%` }} />
            </span>
          </button>
        ))}
      </div>
    </section>
  )
}

function System() {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useQuery({
    queryKey: ['core', 'measures'],
    queryFn: () => must(api.GET('/polycast/v1/home/measures', { params: { query: { minutes: MINUTES } } })),
  })
  return (
    <Card title={t('home.system')}>
      <Loaded query={query} rows={3}>
        {(series) =>
          (
            [
              ['home.cpu', series.cpu, (value: number) => percent(value, locale), 1],
              ['home.memory', series.memory_bytes, (value: number) => bytes(value, locale), undefined],
              ['home.sent', series.sent_bps, (value: number) => bits(value, locale), undefined],
            ] as const
          ).map(([label, values, format, max]) => (
            <div key={label}>
              <div className={css.figure}>
                <span className={css.dim}>{t(label)}</span>
                <b>{values.length ? format(values.at(-1) ?? 0) : '–'}</b>
              </div>
              {series.at.length > 1 && (
                <Suspense fallback={<div style={{ height: 90 }} />}>
                  <Chart label={t(label)} at={series.at} values={values} format={format} max={max} />
                </Suspense>
              )}
            </div>
          ))
        }
      </Loaded>
    </Card>
  )
}

function Health({ home }: { home: Home }) {
  const { t } = useTranslation()
  const locale = useLocale()
  return (
    <Card title={t('home.health')}>
      {home.health.map((line) => (
        <div key={line.name} className={css.line}>
          <Dot level={line.state} label={line.state} />
          <span>{t(`${line.name}.title`, { defaultValue: line.name })}</span>
          <span className={css.dim}>{clip(line.text, 160)}</span>
        </div>
      ))}
      {home.disks.map((disk) => (
        <div key={disk.path} style={{ marginTop: 12 }}>
          <div className={css.figure}>
            <span className={css.dim}>{t('home.disk', { path: disk.path })}</span>
            <span className="tabular">
              {t('home.disk.used', { used: bytes(disk.used_bytes, locale), total: bytes(disk.total_bytes, locale) })}
            </span>
          </div>
          <Progress
            value={(100 * disk.used_bytes) / Math.max(1, disk.total_bytes)}
            size="sm"
            color={disk.used_bytes > 0.92 * disk.total_bytes ? 'red' : undefined}
            aria-label={t('home.disk', { path: disk.path })}
          />
        </div>
      ))}
    </Card>
  )
}

function SetupCard() {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: ['core', 'first-run'], queryFn: () => must(api.GET('/polycast/v1/first-run')) })
  if (!query.data?.steps.some((step) => step.state === 'open')) return null
  return (
    <Card>
      <div className={css.setup}>
        <IconConfetti size={28} stroke={1.6} color="var(--pc-accent)" aria-hidden />
        <div>
          <Title order={2}>{t('home.setup')}</Title>
          <span className={css.dim}>{t('home.nothing.about')}</span>
        </div>
        <LinkButton to="/welcome">{t('home.setup.go')}</LinkButton>
      </div>
    </Card>
  )
}

export default function HomePage() {
  const { t } = useTranslation()
  const { me, may } = useSession()
  const query = useQuery({ queryKey: ['core', 'home'], queryFn: () => must(api.GET('/polycast/v1/home')) })
  const operator = may('core:read')
  const rows = useHouse()
    .flatMap((one) => one.home ?? [])
    .filter((one) => may(one.scope))
    .sort((a, b) => a.order - b.order)
  const wide = rows.filter((one) => !one.side)
  const rowOf = (one: HomeRow) => <PartOf key={one.id} part={one.row} props={{}} waiting={null} />
  return (
    <Page title={t('home.hello', { name: me.first_name || me.username })} arrows>
      <Loaded query={query}>
        {(home) => (
          <div className={operator ? css.grid : undefined}>
            <div className={css.side}>
              {may('core:write') && <SetupCard />}
              <div className={css.rows}>
                {wide.filter((one) => one.order < ON_NOW).map(rowOf)}
                {home.on_now.length > 0 && <OnNow items={home.on_now} />}
                {wide.filter((one) => one.order >= ON_NOW).map(rowOf)}
              </div>
              <div className={css.nothing}>
                <EmptyState icon={IconDeviceTv} title={t('home.nothing')}>
                  {t('home.nothing.about')}
                </EmptyState>
              </div>
            </div>
            {operator && (
              <div className={css.side}>
                <Health home={home} />
                {rows.filter((one) => one.side).map(rowOf)}
                <System />
              </div>
            )}
          </div>
        )}
      </Loaded>
    </Page>
  )
}
