import { Button, Checkbox, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlaylistAdd, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { clip } from '~/kit/format'
import { Logo, ReasonText, Skeletons } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './live.module.css'

const PAGE = 200
const ROW_PX = 48

/** The streams of the sources beside the channels: find, pick, make channels of them. */
export function StreamsPane() {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 250)
  const [free, setFree] = useState(true)
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set())
  const query = useInfiniteQuery({
    queryKey: ['live', 'streams', search, free],
    queryFn: ({ pageParam, signal }) =>
      must(
        api.GET('/api/channels/streams/', {
          params: {
            query: {
              page: String(pageParam),
              page_size: String(PAGE),
              ordering: 'name',
              ...(search ? { search } : {}),
              ...(free ? { unassigned: true } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (page, pages) => ('next' in page && page.next ? pages.length + 1 : null),
  })
  const streams = query.data?.pages.flatMap((page) => rowsOf(page)) ?? []
  const first = query.data?.pages[0]
  const total = first && 'count' in first ? first.count : streams.length
  const rows = useVirtualizer({
    count: streams.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (last >= streams.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [last, streams.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  const make = useMutation({
    mutationFn: () => must(api.POST('/api/channels/channels/from-stream/bulk/', { body: { stream_ids: [...picked] } })),
    onSuccess: (done) => {
      setPicked(new Set())
      toast.good(done.message)
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const toggle = (id: number) => {
    const next = new Set(picked)
    if (!next.delete(id)) next.add(id)
    setPicked(next)
  }
  return (
    <section className={css.column} aria-label={t('channels.streams')}>
      <div className={css.bar}>
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t('streams.search')}
          aria-label={t('streams.search')}
          style={{ flex: 1, minWidth: 140 }}
        />
        <Checkbox label={t('streams.free')} checked={free} onChange={(event) => setFree(event.currentTarget.checked)} />
      </div>
      <div className={css.bar}>
        <span className={css.dim}>{t('sources.streams', { count: total })}</span>
        <Button
          ml="auto"
          size="compact-md"
          leftSection={<IconPlaylistAdd size={16} />}
          disabled={picked.size === 0}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {t('streams.make', { count: picked.size })}
        </Button>
      </div>
      {query.error && <ReasonText error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeletons rows={8} />}
      {query.data && streams.length === 0 && <p className={css.dim}>{t('streams.none')}</p>}
      <div
        ref={box}
        className={css.list}
        style={{ flex: 1, maxHeight: 'none' }}
        tabIndex={0}
        role="group"
        aria-label={t('channels.streams')}
      >
        <div style={{ height: rows.getTotalSize(), position: 'relative', padding: 0 }}>
          {items.map((item) => {
            const stream = streams[item.index]
            if (!stream) return null
            return (
              // biome-ignore lint/a11y/noLabelWithoutControl: Mantine's checkbox holds the input
              <label
                key={stream.id}
                style={{
                  position: 'absolute',
                  insetInline: 0,
                  top: item.start,
                  height: ROW_PX,
                  display: 'flex',
                  gap: 10,
                  alignItems: 'center',
                  padding: '0 12px',
                  borderBottom: '1px solid var(--pc-line)',
                  cursor: 'pointer',
                  fontSize: 14,
                }}
              >
                <Checkbox
                  size="xs"
                  checked={picked.has(stream.id)}
                  onChange={() => toggle(stream.id)}
                  aria-label={t('table.select', { name: clip(stream.name, 80) })}
                />
                <Logo url={stream.logo_url} name={stream.name} size={26} />
                <span style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 }}>
                  {clip(stream.name, 160)}
                </span>
              </label>
            )
          })}
        </div>
      </div>
    </section>
  )
}
