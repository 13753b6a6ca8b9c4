import { ActionIcon, Button, Group, Menu, Progress } from '@mantine/core'
import { IconDots, IconPlaylist, IconPlus, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { JobPage } from '~/api/shapes'
import { useConfirmDanger } from '~/kit/confirm'
import { clip, count } from '~/kit/format'
import { Go } from '~/kit/go'
import { Card, Dot, EmptyState, Loaded, TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { SourceForm } from './SourceForm'
import { SOURCES, type Source } from './shapes'
import { isGuide, isHidden, levelOf, refreshSource, removeSource } from './sources'

/** The job of a source as the event stream tells it, newer than what the list knew. */
function useJobOf(source: Source) {
  const jobs = useQuery<JobPage>({ queryKey: ['core', 'jobs', 'tray'], enabled: false }).data?.items
  return jobs?.find((job) => job.id === source.job?.id) ?? source.job
}

function SourceCard({ source }: { source: Source }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { may } = useSession()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const job = useJobOf(source)
  const running = job?.state === 'running' || job?.state === 'waiting'
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const onSuccess = () => cache.invalidateQueries({ queryKey: SOURCES })
  const refresh = useMutation({ mutationFn: () => refreshSource(source), onSuccess, onError })
  const remove = useMutation({ mutationFn: () => removeSource(source), onSuccess, onError })
  const figures = isGuide(source)
    ? [t('sources.channels', { count: source.channels }), t('sources.programmes', { count: source.programmes })]
    : [
        t('sources.streams', { count: source.streams }),
        t('sources.groups', { enabled: source.groups_enabled, count: source.groups }),
        source.max_streams ? t('sources.slots', { used: source.used_streams, all: source.max_streams }) : '',
      ]
  return (
    <Card>
      <div className={css.top}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <b>
            <Go to={`/live/sources/${source.ref}`}>{clip(source.name, 80)}</Go>
          </b>
          <span className={css.dim}>
            <Dot level={levelOf(source)} /> {t(`sources.kind.${source.kind}`)} ·{' '}
            {source.updated_at ? <TimeAgo at={source.updated_at} /> : t('sources.never')}
          </span>
        </div>
        {may('live:write') && !source.locked && (
          <Group gap={6} wrap="nowrap">
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={`${t('sources.refresh')}: ${clip(source.name, 60)}`}
              loading={refresh.isPending}
              disabled={running}
              onClick={() => refresh.mutate()}
            >
              <IconRefresh size={18} />
            </ActionIcon>
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" size="lg" aria-label={`${t('sources.more')}: ${clip(source.name, 60)}`}>
                  <IconDots size={18} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  color="red"
                  onClick={() =>
                    confirm({
                      title: t('sources.delete'),
                      what: t(isGuide(source) ? 'sources.delete.guide' : 'sources.delete.what', { name: clip(source.name, 80) }),
                      action: t('sources.delete'),
                      run: () => remove.mutate(),
                    })
                  }
                >
                  {t('sources.delete')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        )}
      </div>
      <p className={css.dim} style={{ margin: '12px 0 0' }}>
        {figures.filter(Boolean).join(' · ')}
        {source.expires_at && (
          <>
            {' · '}
            <TimeAgo at={source.expires_at} prefix={t('sources.expires')} />
          </>
        )}
      </p>
      {running && job && (
        <div style={{ marginTop: 10 }}>
          <Progress value={job.total ? (100 * job.done) / job.total : 100} animated={!job.total} aria-label={job.title} />
          <span className={css.dim}>
            {clip(
              [job.total ? `${count(job.done, locale)} / ${count(job.total, locale)}` : '', job.note].filter(Boolean).join(' · '),
              160,
            )}
          </span>
        </div>
      )}
      {!running && source.message && <p className={css.dim}>{clip(source.message)}</p>}
    </Card>
  )
}

export default function SourcesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const [{ add = '' }, change] = useSearch()
  const query = useQuery({ queryKey: SOURCES, queryFn: () => must(api.GET('/polycast/v1/live/sources')) })
  const button = may('live:write') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => change({ add: 'playlist' })}>
      {t('sources.add')}
    </Button>
  )
  return (
    <LivePage title={t('sources.title')} about={t('sources.about')} actions={button}>
      {add && <SourceForm first={add === 'guide' ? 'guide' : 'playlist'} onClose={() => change({ add: '' })} />}
      <Loaded query={query}>
        {(data) =>
          data.items.every(isHidden) ? (
            <EmptyState icon={IconPlaylist} title={t('sources.none')} action={button}>
              {t('sources.none.about')}
            </EmptyState>
          ) : (
            <div className={css.cards}>
              {data.items
                .filter((source) => !isHidden(source))
                .map((source) => (
                  <SourceCard key={source.ref} source={source} />
                ))}
            </div>
          )
        }
      </Loaded>
    </LivePage>
  )
}
