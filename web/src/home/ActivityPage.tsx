import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconActivityHeartbeat, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Job } from '~/api/shapes'
import { clip } from '~/kit/format'
import { Go } from '~/kit/go'
import { Card, Dot, EmptyState, Loaded, Page, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useSearch } from '~/kit/useSearch'
import css from './home.module.css'

const LEVELS = ['info', 'good', 'warning', 'bad'] as const
const LEVEL_OF: Readonly<Record<Job['state'], string>> = {
  waiting: 'info',
  running: 'info',
  done: 'good',
  failed: 'bad',
  cancelled: 'warning',
}

function More({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const { t } = useTranslation()
  if (!query.hasNextPage) return null
  return (
    <Button variant="default" mt="md" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
      {t('common.more')}
    </Button>
  )
}

function Events() {
  const { t } = useTranslation()
  const [{ level = '', q = '' }, change] = useSearch()
  const [typed, setTyped] = useState(q)
  const ask = useDebouncedCallback((value: string) => change({ q: value }), 250)
  const query = useInfiniteQuery({
    queryKey: ['core', 'activity', level, q],
    queryFn: ({ pageParam, signal }) => {
      const filters = { ...(level ? { level } : {}), ...(q ? { search: q } : {}), ...(pageParam ? { cursor: pageParam } : {}) }
      return must(api.GET('/polycast/v1/activity', { params: { query: { limit: 50, ...filters } }, signal }))
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  return (
    <>
      <div style={{ display: 'flex', gap: 12, flexWrap: 'wrap' }}>
        <TextInput
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            ask(event.currentTarget.value)
          }}
          leftSection={<IconSearch size={16} />}
          placeholder={t('common.search')}
          aria-label={t('common.search')}
        />
        <Select
          aria-label={t('activity.level')}
          placeholder={t('activity.level')}
          clearable
          value={level || null}
          onChange={(value) => change({ level: value ?? '' })}
          data={LEVELS.map((value) => ({ value, label: t(`activity.level.${value}`) }))}
          clearButtonProps={{ 'aria-label': t('common.all') }}
        />
      </div>
      <Loaded query={query}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <EmptyState icon={IconActivityHeartbeat} title={t('activity.none')}>
                {t('activity.none.about')}
              </EmptyState>
            )
          return (
            <Card>
              {items.map((item) => (
                <div key={item.id} className={css.line}>
                  <Dot level={item.level} label={t(`activity.level.${item.level}`)} />
                  <span>
                    {item.url ? <Go to={item.url}>{clip(item.text)}</Go> : clip(item.text)}
                    {item.by && <span className={css.dim}> · {t('activity.by', { name: item.by })}</span>}
                  </span>
                  <span className={css.dim}>
                    <TimeAgo at={item.at} />
                  </span>
                </div>
              ))}
              <More query={query} />
            </Card>
          )
        }}
      </Loaded>
    </>
  )
}

function Jobs() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: ['core', 'jobs', 'list'],
    queryFn: ({ pageParam }) =>
      must(api.GET('/polycast/v1/jobs', { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  const retry = useMutation({
    mutationFn: (id: number) => must(api.POST('/polycast/v1/jobs/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['core', 'jobs'] }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <Loaded query={query}>
      {(data) => (
        <Card>
          {data.pages
            .flatMap((page) => page.items)
            .map((job) => (
              <div key={job.id} className={css.line}>
                <Dot level={LEVEL_OF[job.state] ?? 'info'} />
                <span>
                  {clip(job.title || job.name)} <span className={css.dim}>· {t(`jobs.state.${job.state}`)}</span>
                  {(job.error || job.note) && <div className={css.dim}>{clip(job.error || job.note)}</div>}
                </span>
                <span className={css.dim}>
                  {job.state === 'failed' && (
                    <Button size="compact-xs" variant="default" mr="xs" onClick={() => retry.mutate(job.id)}>
                      {t('jobs.retry')}
                    </Button>
                  )}
                  <TimeAgo at={job.ended_at ?? job.started_at ?? job.due_at} />
                </span>
              </div>
            ))}
          <More query={query} />
        </Card>
      )}
    </Loaded>
  )
}

export default function ActivityPage() {
  const { t } = useTranslation()
  const [{ view = 'events' }, change] = useSearch()
  const views = [
    { value: 'events', label: t('activity.events') },
    { value: 'jobs', label: t('activity.jobs') },
  ]
  return (
    <Page
      title={t('activity.title')}
      about={t('activity.about')}
      actions={
        <SegmentedControl
          aria-label={t('activity.title')}
          value={view}
          onChange={(value) => change({ view: value === 'events' ? '' : value })}
          data={views}
        />
      }
    >
      {view === 'jobs' ? <Jobs /> : <Events />}
    </Page>
  )
}
