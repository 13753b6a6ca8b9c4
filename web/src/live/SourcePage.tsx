import { Tabs } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip, clockLength, count } from '~/kit/format'
import { Go } from '~/kit/go'
import { Card, Dot, EmptyState, Loaded, TimeAgo } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { SourceFilters } from './SourceFilters'
import { SourceGroups } from './SourceGroups'
import { SOURCES } from './shapes'
import { isGuide } from './sources'

function History({ at }: { at: string }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useInfiniteQuery({
    queryKey: ['live', 'source', at, 'history'],
    queryFn: ({ pageParam }) =>
      must(
        api.GET('/polycast/v1/live/sources/{ref}/history', {
          params: { path: { ref: at }, query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  return (
    <Loaded query={query}>
      {(data) => {
        const runs = data.pages.flatMap((page) => page.items)
        if (runs.length === 0) return <EmptyState icon={IconHistory} title={t('source.nohistory')} />
        return (
          <Card>
            {runs.map((run) => (
              <div key={run.id} className={css.line}>
                <span>
                  <Dot level={run.ok === null ? 'info' : run.ok ? 'good' : 'bad'} /> {clip(run.text)}
                  <div className={css.dim}>
                    {t('source.changes', {
                      added: count(run.added, locale),
                      changed: count(run.changed, locale),
                      removed: count(run.removed, locale),
                    })}
                  </div>
                </span>
                <span className={css.dim}>
                  <TimeAgo at={run.started_at} />
                  {run.ended_at && ` · ${clockLength((Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000)}`}
                </span>
              </div>
            ))}
          </Card>
        )
      }}
    </Loaded>
  )
}

export default function SourcePage() {
  const { t } = useTranslation()
  const { ref: at = '' } = useParams({ strict: false }) as { ref?: string }
  const [{ tab = '' }, change] = useSearch()
  const query = useQuery({ queryKey: SOURCES, queryFn: () => must(api.GET('/polycast/v1/live/sources')) })
  const source = query.data?.items.find((one) => one.ref === at)
  const guide = source ? isGuide(source) : at.startsWith('epg')
  const shown = tab || (guide ? 'history' : 'groups')
  return (
    <LivePage title={source ? clip(source.name, 80) : t('sources.title')} about={<Go to="/live/sources">{t('source.back')}</Go>}>
      <Tabs value={shown} onChange={(value) => change({ tab: value ?? '' })} keepMounted={false}>
        <Tabs.List mb="md">
          {!guide && <Tabs.Tab value="groups">{t('source.groups')}</Tabs.Tab>}
          {!guide && <Tabs.Tab value="filters">{t('source.filters')}</Tabs.Tab>}
          <Tabs.Tab value="history">{t('source.history')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="groups">{!guide && <SourceGroups at={at} />}</Tabs.Panel>
        <Tabs.Panel value="filters">{source && !guide && <SourceFilters at={at} id={source.id} />}</Tabs.Panel>
        <Tabs.Panel value="history">
          <History at={at} />
        </Tabs.Panel>
      </Tabs>
    </LivePage>
  )
}
