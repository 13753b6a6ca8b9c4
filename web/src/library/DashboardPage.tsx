import { Button } from '@mantine/core'
import { IconPlayerStopFilled } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'
import { bits, clip, clockLength, count } from '~/kit/format'
import { Go } from '~/kit/go'
import { LiveCard } from '~/kit/LiveCard'
import { Card, Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { DASHBOARD, length, pageOf } from './shapes'

const History = lazy(() => import('~/kit/History'))

type Playing = Answer<'/v1/playback/sessions/active'>['items'][number]
type Board = Answer<'/v1/admin/dashboard'>

function PlayingCard({ one }: { one: Playing }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const stop = useMutation({
    mutationFn: () =>
      must(
        api.POST('/v1/playback/sessions/{session}/command', { params: { path: { session: one.id } }, body: { command: 'stop' } }),
      ),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const { title } = one.media as { title?: string }
  const figures = [
    [t('library.board.at'), `${clockLength(one.position)} / ${clockLength(one.duration)}`],
    [t('library.board.how'), t(`library.mode.${one.mode}`, { defaultValue: one.mode })],
    ...(one.bitrate ? [[t('library.board.rate'), bits(one.bitrate, locale)] as const] : []),
    [t('library.board.device'), clip(one.client || one.device, 40)],
  ] as const
  return (
    <LiveCard
      name={title ?? ''}
      level={one.paused ? 'info' : 'good'}
      state={`${clip(one.user.name, 60)} · ${t(one.paused ? 'library.board.paused' : 'library.board.plays')}`}
      since={one.startedAt}
      figures={figures}
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerStopFilled size={14} />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t('library.board.stop')}
        </Button>
      }
    />
  )
}

function NowPlaying() {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: [...DASHBOARD, 'playing'],
    queryFn: ({ signal }) => must(api.GET('/v1/playback/sessions/active', { signal })),
  })
  return (
    <Loaded query={query} rows={2}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={css.dim}>{t('library.board.nobody')}</p>
        ) : (
          <div className={css.cards}>
            {items.map((one) => (
              <PlayingCard key={one.id} one={one} />
            ))}
          </div>
        )
      }
    </Loaded>
  )
}

function Plays({ days }: { days: Board['playHistory'] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const read = days as { date: string; movies: number; shows: number }[]
  if (!read.some((day) => day.movies + day.shows > 0)) return <p className={css.dim}>{t('library.board.noplays')}</p>
  return (
    <Suspense fallback={<div style={{ height: 220 }} />}>
      <History
        label={t('library.board.plays.title')}
        kind="bars"
        at={read.map((day) => Date.parse(day.date) / 1000)}
        series={[
          { label: t('library.films'), values: read.map((day) => day.movies) },
          { label: t('library.shows'), values: read.map((day) => day.shows) },
        ]}
        format={(value) => count(value, locale)}
      />
    </Suspense>
  )
}

function Tops({ board }: { board: Board }) {
  const { t } = useTranslation()
  const titles = [...(board.mostPlayed.movies ?? []), ...(board.mostPlayed.shows ?? [])]
  return (
    <div className={css.cards}>
      <Card title={t('library.board.users')}>
        {board.topUsers.length === 0 && <p className={css.dim}>{t('library.board.noplays')}</p>}
        {board.topUsers.map((one) => (
          <div key={one.user.id} className={css.line}>
            <span className={css.grow}>{clip(String(one.user.name), 80)}</span>
            <span className="tabular">
              {t('library.board.times', { count: one.plays })} · {length(one.seconds) || '0 min'}
            </span>
          </div>
        ))}
      </Card>
      <Card title={t('library.board.titles')}>
        {titles.length === 0 && <p className={css.dim}>{t('library.board.noplays')}</p>}
        {titles.map((one) => (
          <div key={one.media.id} className={css.line}>
            <Go className={css.grow} to={pageOf(one.media)}>
              {clip(one.media.showTitle ?? one.media.title, 100)}
            </Go>
            <span className="tabular">{t('library.board.times', { count: one.plays })}</span>
          </div>
        ))}
      </Card>
    </div>
  )
}

/** What plays, what was played, by whom, and how much there is. */
export default function DashboardPage() {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useQuery({
    queryKey: [...DASHBOARD, 'board'],
    queryFn: ({ signal }) =>
      must(api.GET('/v1/admin/dashboard', { params: { query: { historyDays: 30, topDays: 30 } }, signal })),
  })
  return (
    <LibraryPage title={t('library.board')}>
      <Card title={t('library.board.now')}>
        <NowPlaying />
      </Card>
      <Loaded query={query}>
        {(board) => (
          <>
            <Card title={t('library.board.plays.title')}>
              <Plays days={board.playHistory} />
            </Card>
            <Tops board={board} />
            <Card title={t('library.board.counts')}>
              <dl className={css.figures}>
                {(['movies', 'shows', 'episodes'] as const).map((kind) => (
                  <div key={kind}>
                    <dt>{t(`library.board.${kind}`)}</dt>
                    <dd>{count(board.counts[kind] ?? 0, locale)}</dd>
                  </div>
                ))}
              </dl>
            </Card>
          </>
        )}
      </Loaded>
    </LibraryPage>
  )
}
