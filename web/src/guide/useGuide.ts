import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'
import { CHUNK_S, merge, needed, PAGE_ROWS, type View } from './layout'

export type GuideWindow = Answer<'/polycast/v1/live/guide'>
export type Line = GuideWindow['rows'][number]
export type Programme = Line['programmes'][number]

export interface Filters {
  group?: number
  search?: string
}

const SETTLE_MS = 70 // rows that only fly by are not asked for

function useSettled(view: View): View {
  const [settled, setSettled] = useState(view)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(view), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [view])
  return settled
}

const keyOf = (filters: Filters) => ['live', 'guide', filters.group ?? 0, filters.search ?? '']

function asking(filters: Filters, origin: number, page: number, chunk: number) {
  const start = origin + chunk * CHUNK_S
  return {
    queryKey: [...keyOf(filters), start, page],
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<GuideWindow> =>
      must(
        api.GET('/polycast/v1/live/guide', {
          params: { query: { start, end: start + CHUNK_S, offset: page * PAGE_ROWS, limit: PAGE_ROWS, ...filters } },
          signal,
        }),
      ),
    gcTime: 5 * 60_000,
  }
}

/** The lines of the guide by row number, as far as they are known; a line stays the same object until its programmes change. */
export function useGuide(filters: Filters, origin: number, view: View, firstChunk: number) {
  const first = useQuery(asking(filters, origin, 0, firstChunk))
  const settled = useSettled(view)
  const wanted = useMemo(() => needed(settled), [settled])
  const answers = useQueries({ queries: wanted.map(({ page, chunk }) => asking(filters, origin, page, chunk)) })
  const made = useRef(new Map<number, { parts: readonly GuideWindow[]; lines: readonly Line[] }>())
  const stamps = answers.map((one) => one.dataUpdatedAt).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamps stand for the answers, which are new arrays each time
  const lines = useMemo(() => {
    const pages = new Map<number, GuideWindow[]>()
    for (const [index, { page }] of wanted.entries()) {
      const data = answers[index]?.data
      if (data) pages.set(page, [...(pages.get(page) ?? []), data])
    }
    const known = new Map<number, Line>()
    const kept: typeof made.current = new Map()
    for (const [page, parts] of pages) {
      const before = made.current.get(page)
      const same = before && before.parts.length === parts.length && before.parts.every((part, index) => part === parts[index])
      const joined = same ? before : { parts, lines: join(parts) }
      kept.set(page, joined)
      for (const [index, line] of joined.lines.entries()) known.set(page * PAGE_ROWS + index, line)
    }
    made.current = kept
    return known
  }, [wanted, stamps])

  return { lines, total: first.data?.total, error: first.error, refetch: first.refetch }
}

function join(parts: readonly GuideWindow[]): Line[] {
  const [head, ...rest] = parts
  return (head?.rows ?? []).map((row, index) => ({
    ...row,
    programmes: merge([row.programmes, ...rest.map((part) => part.rows[index]?.programmes ?? [])]),
  }))
}
