import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { RowId } from './reorder'
import type { Ordered } from './useOrdered'

const AHEAD = 30 // rows before the known end at which the next page is asked for

interface Ask<T> {
  key: QueryKey
  page: (cursor: string, signal: AbortSignal) => Promise<{ items: readonly T[]; next: string | null }>
}

/** A list that the server gives in pages with a cursor: what `DataTable` and `PosterWall` want, read as one scrolls. */
export function useEndless<T extends { id: K }, K extends RowId = T['id']>({ key, page }: Ask<T>): Ordered<T, K> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => page(pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  })
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const rows = useMemo(() => new Map(data?.pages.flatMap((one) => one.items).map((item) => [item.id, item])), [data])
  const order = useMemo(() => [...rows.keys()], [rows])
  return {
    order: data && order,
    row: (id) => rows.get(id),
    show: (_, to) => {
      if (hasNextPage && !isFetchingNextPage && to >= order.length - AHEAD) void fetchNextPage()
    },
    error: query.error,
    refetch: () => void query.refetch(),
  }
}
