import { Button, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconWand } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip, percent } from '~/kit/format'
import { Card, EmptyState, Loaded, Logo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { GuidePicker } from './GuidePicker'
import { LivePage } from './LivePage'
import css from './live.module.css'
import type { Suggestion } from './shapes'
import { CHANNELS, useUndo } from './useChannels'

const KEY = ['live', 'match']
const GOOD = 0.9
const FAIR = 0.7

function Proposal({
  suggestion,
  apply,
  pick,
}: {
  suggestion: Suggestion
  apply: (guideId: number | null) => void
  pick: () => void
}) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { best } = suggestion
  return (
    <div className={css.line}>
      <span style={{ flex: 1, minWidth: 0 }}>
        {[suggestion.number, clip(suggestion.name, 100)].filter(Boolean).join(' · ')}
        <div className={css.dim}>
          {suggestion.current ? t('matching.now', { name: clip(suggestion.current.name, 80) }) : t('channels.noguide')}
        </div>
      </span>
      {best ? (
        <>
          <Group gap="sm" wrap="nowrap" style={{ flex: 1, minWidth: 0 }}>
            <Logo url={best.icon_url} name={best.name} size={28} />
            <span style={{ minWidth: 0 }}>
              {clip(best.name, 100)}
              <div className={css.dim}>{clip([best.source, ...best.reasons].join(' · '), 140)}</div>
            </span>
          </Group>
          <Tooltip label={best.reasons.join(', ')}>
            <span className={css.score} data-level={best.score >= GOOD ? 'good' : best.score >= FAIR ? 'warning' : 'info'}>
              {percent(best.score, locale)}
            </span>
          </Tooltip>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconCheck size={15} />}
            onClick={() => apply(best.guide_id)}
            aria-label={`${t('matching.take')}: ${clip(suggestion.name, 60)}`}
          >
            {t('matching.take')}
          </Button>
        </>
      ) : (
        <span className={css.dim} style={{ flex: 1 }}>
          {t('matching.nobest')}
        </span>
      )}
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        onClick={pick}
        aria-label={`${t('matching.other')}: ${clip(suggestion.name, 60)}`}
      >
        {t('matching.other')}
      </Button>
    </div>
  )
}

export default function MatchingPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const cache = useQueryClient()
  const offerUndo = useUndo()
  const [picking, setPicking] = useState<Suggestion | null>(null)
  const query = useInfiniteQuery({
    queryKey: KEY,
    queryFn: ({ pageParam }) =>
      must(api.GET('/polycast/v1/live/match', { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const start = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/live/match', { body: {} })),
    onSuccess: (job) => toast.info(job.title),
    onError,
  })
  const apply = useMutation({
    mutationFn: (body: { choices?: { channel_id: number; guide_id: number | null }[]; certain?: boolean }) =>
      must(api.POST('/polycast/v1/live/match/apply', { body })),
    onSuccess: (done) => {
      setPicking(null)
      offerUndo(t('matching.applied', { count: done.count }), done.undo)
      void cache.invalidateQueries({ queryKey: CHANNELS })
      return cache.invalidateQueries({ queryKey: KEY })
    },
    onError,
  })
  const first = query.data?.pages[0]
  const write = may('live:write')
  const look = write && (
    <Button
      variant={first?.total ? 'default' : 'filled'}
      leftSection={<IconWand size={16} />}
      loading={start.isPending}
      onClick={() => start.mutate()}
    >
      {t('matching.start')}
    </Button>
  )
  return (
    <LivePage
      title={t('matching.title')}
      about={t('matching.about')}
      actions={
        <>
          {look}
          {write && first && first.certain > 0 && (
            <Button
              leftSection={<IconCheck size={16} />}
              loading={apply.isPending}
              onClick={() => apply.mutate({ certain: true })}
            >
              {t('matching.certain', { count: first.certain })}
            </Button>
          )}
        </>
      }
    >
      {picking && (
        <GuidePicker
          name={picking.name}
          candidates={picking.best ? [picking.best, ...picking.others] : picking.others}
          onPick={(guide_id) => apply.mutate({ choices: [{ channel_id: picking.channel_id, guide_id }] })}
          onClose={() => setPicking(null)}
        />
      )}
      <Loaded query={query}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <EmptyState icon={IconWand} title={t('matching.none')} action={look}>
                {t('matching.none.about')}
              </EmptyState>
            )
          return (
            <Card>
              {items.map((one) => (
                <Proposal
                  key={one.channel_id}
                  suggestion={one}
                  apply={(guide_id) => apply.mutate({ choices: [{ channel_id: one.channel_id, guide_id }] })}
                  pick={() => setPicking(one)}
                />
              ))}
              {query.hasNextPage && (
                <Button variant="default" mt="md" onClick={() => void query.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </Card>
          )
        }}
      </Loaded>
    </LivePage>
  )
}
