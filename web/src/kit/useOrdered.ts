import { type QueryKey, useQueries, useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import type { RowId } from './reorder'

export const PAGE = 100

export interface Windowed<T> {
  total: number
  items: readonly T[]
}

export interface Ordered<T, K extends RowId = number> {
  order: readonly K[] | undefined
  row: (id: K) => T | undefined
  show: (from: number, to: number) => void // the rows on the screen
  error: unknown
  refetch: () => void
}

interface Ask<T> {
  key: QueryKey
  ids: (signal: AbortSignal) => Promise<{ ids: readonly number[] }>
  page: (offset: number, signal: AbortSignal) => Promise<Windowed<T>>
}

/** The page numbers that cover rows `from` to `to`. */
export function pagesOf(from: number, to: number): number[] {
  const first = Math.floor(Math.max(0, from) / PAGE)
  const last = Math.floor(Math.max(0, to) / PAGE)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/**
 * A long list in two parts: the ids of all rows in order (small, so a range can be selected and moved at once),
 * and the rows themselves in pages of 100, of which only the visible ones are asked for.
 */
export function useOrdered<T extends { id: number }>({ key, ids, page }: Ask<T>): Ordered<T> {
  const [pages, setPages] = useState<readonly number[]>([0])
  const all = useQuery({ queryKey: [...key, 'ids'], queryFn: ({ signal }) => ids(signal) })
  const asked = useQueries({
    queries: pages.map((number) => ({
      queryKey: [...key, 'rows', number],
      queryFn: ({ signal }: { signal: AbortSignal }) => page(number * PAGE, signal),
    })),
  })
  const known = useRef({ key: '', rows: new Map<number, T>() })
  const name = JSON.stringify(key)
  if (known.current.key !== name) known.current = { key: name, rows: new Map() }
  const stamps = asked.map((one) => one.dataUpdatedAt).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamps stand for the answers, which are new arrays each time
  const rows = useMemo(() => {
    for (const one of asked) for (const item of one.data?.items ?? []) known.current.rows.set(item.id, item)
    return new Map(known.current.rows)
  }, [stamps, name])
  const show = (from: number, to: number) => {
    const wanted = pagesOf(from, to)
    if (wanted.join() !== pages.join()) setPages(wanted)
  }
  return {
    order: all.data?.ids,
    row: (id) => rows.get(id),
    show,
    error: all.error ?? asked.find((one) => one.error)?.error,
    refetch: () => {
      void all.refetch()
      for (const one of asked) void one.refetch()
    },
  }
}
