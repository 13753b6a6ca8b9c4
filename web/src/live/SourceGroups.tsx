import { Badge, Button, Group, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFolder, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Sent } from '~/api/shapes'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import css from './live.module.css'
import { SOURCES } from './shapes'

type Change = Sent<'/polycast/v1/live/sources/{ref}/groups', 'patch'>
const PAGE = 100

/** Which groups of a playlist are wanted, and which make their channels by themselves. */
export function SourceGroups({ at }: { at: string }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const cache = useQueryClient()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 200)
  const key = ['live', 'source', at, 'groups']
  const query = useInfiniteQuery({
    queryKey: [...key, search],
    queryFn: ({ pageParam, signal }) =>
      must(
        api.GET('/polycast/v1/live/sources/{ref}/groups', {
          params: { path: { ref: at }, query: { offset: pageParam, limit: PAGE, ...(search ? { search } : {}) } },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (pages.length * PAGE < page.total ? pages.length * PAGE : null),
  })
  const change = useMutation({
    mutationFn: (body: Change) =>
      must(api.PATCH('/polycast/v1/live/sources/{ref}/groups', { params: { path: { ref: at } }, body })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: SOURCES })
      return cache.invalidateQueries({ queryKey: key })
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const all = (enabled: boolean) => change.mutate({ all: true, enabled, ...(search ? { search } : {}) })
  const write = may('live:write')
  return (
    <Card>
      <Group mb="sm">
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t('source.findgroup')}
          aria-label={t('source.findgroup')}
          style={{ flex: 1, minWidth: 160 }}
        />
        {write && (
          <>
            <Button variant="default" loading={change.isPending} onClick={() => all(true)}>
              {t('source.allon')}
            </Button>
            <Button variant="default" loading={change.isPending} onClick={() => all(false)}>
              {t('source.alloff')}
            </Button>
          </>
        )}
      </Group>
      <Loaded query={query}>
        {(data) => {
          const groups = data.pages.flatMap((page) => page.items)
          if (groups.length === 0)
            return (
              <EmptyState icon={IconFolder} title={t('source.nogroups')}>
                {t('source.nogroups.about')}
              </EmptyState>
            )
          return (
            <>
              {groups.map((group) => (
                <div key={group.group_id} className={css.line}>
                  <span style={{ minWidth: 0 }}>
                    {clip(group.name, 160)}{' '}
                    {group.is_stale && (
                      <Badge size="xs" variant="default">
                        {t('source.stale')}
                      </Badge>
                    )}
                    <div className={css.dim}>{t('sources.streams', { count: group.streams })}</div>
                  </span>
                  <Group gap="lg" wrap="nowrap">
                    <Switch
                      label={t('source.auto')}
                      disabled={!write || !group.enabled}
                      checked={group.auto_sync}
                      onChange={() => change.mutate({ group_ids: [group.group_id], auto_sync: !group.auto_sync })}
                      aria-label={`${t('source.auto')}: ${clip(group.name, 60)}`}
                    />
                    <Switch
                      label={t('source.on')}
                      disabled={!write}
                      checked={group.enabled}
                      onChange={() => change.mutate({ group_ids: [group.group_id], enabled: !group.enabled })}
                      aria-label={`${t('source.on')}: ${clip(group.name, 60)}`}
                    />
                  </Group>
                </div>
              ))}
              {query.hasNextPage && (
                <Button variant="default" mt="md" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}
