import { Button, TextInput } from '@mantine/core'
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bytes } from '~/kit/format'
import { Card, Dot, EmptyState, ReasonText, Skeletons, TimeAgo } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { AcquirePage } from './AcquirePage'
import css from './acquire.module.css'
import { levelsOf, TREE, type TreeRow } from './shapes'

function Row({ row, onOpen }: { row: TreeRow; onOpen: () => void }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const Picture = row.is_folder ? IconFolder : IconFile
  return (
    <div className={css.line}>
      <Picture size={18} aria-hidden />
      <span className={css.grow}>
        {row.is_folder ? (
          <Button variant="subtle" size="compact-sm" onClick={onOpen}>
            {row.name}
          </Button>
        ) : (
          row.name
        )}
        {row.is_bad && <Dot level="bad" label={t('acquire.state.missing')} />}
        <div className={css.dim}>
          {row.account} {row.files > 0 && t('acquire.tree.files', { count: row.files })}{' '}
          {row.size_bytes > 0 && bytes(row.size_bytes, locale)} {row.added_at && <TimeAgo at={row.added_at} />}
        </div>
      </span>
      {row.link && (
        <Button component="a" href={row.link} download size="xs" variant="default">
          {t('acquire.tree.download')}
        </Button>
      )}
    </div>
  )
}

export default function BrowsePage() {
  const { t } = useTranslation()
  const [values, set] = useSearch()
  const { at = '', search = '' } = values
  const { group, folder } = levelsOf(at)
  const query = useInfiniteQuery({
    queryKey: [...TREE, at, search],
    queryFn: ({ pageParam, signal }) =>
      must(api.GET('/polycast/v1/acquire/tree', { params: { query: { group, folder, search, cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  })
  const rows = query.data?.pages.flatMap((page) => page.items)
  return (
    <AcquirePage title={folder || group || t('acquire.browse')}>
      <div className={css.row}>
        {group && (
          <Button
            variant="default"
            leftSection={<IconArrowUp size={16} />}
            onClick={() => set({ at: folder ? group : '', search: '' })}
          >
            {t('acquire.tree.up')}
          </Button>
        )}
        {group && !folder && (
          <TextInput
            aria-label={t('acquire.search')}
            placeholder={t('acquire.search')}
            value={search}
            onChange={(event) => set({ search: event.currentTarget.value })}
          />
        )}
      </div>
      <Card>
        {query.error ? (
          <ReasonText error={query.error} retry={() => void query.refetch()} />
        ) : !rows ? (
          <Skeletons />
        ) : rows.length === 0 ? (
          <EmptyState icon={IconFolder} title={t('acquire.tree.empty')} />
        ) : (
          rows.map((row) => (
            <Row key={row.id} row={row} onOpen={() => set({ at: group ? `${group}/${row.id}` : row.id, search: '' })} />
          ))
        )}
        {query.hasNextPage && (
          <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('common.more')}
          </Button>
        )}
      </Card>
    </AcquirePage>
  )
}
