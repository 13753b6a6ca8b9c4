import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Sent } from '~/api/shapes'
import { dealNumbers, moveRows } from '~/kit/reorder'
import { toast } from '~/kit/toast'
import { PAGE, useOrdered } from '~/kit/useOrdered'
import type { Channel, ChannelWindow } from './shapes'

export interface ChannelFilters {
  search?: string
  group?: number
  only?: string
  sort: string
}

type ChannelPatch = Sent<'/polycast/v1/live/channels/{id}', 'patch'>
type Move = Sent<'/polycast/v1/live/channels/move', 'post'>

export const CHANNELS = ['live', 'channels'] as const
const keyOf = (filters: ChannelFilters) => [...CHANNELS, filters]

export function useChannels(filters: ChannelFilters) {
  return useOrdered<Channel>({
    key: keyOf(filters),
    ids: (signal) => must(api.GET('/polycast/v1/live/channels/ids', { params: { query: filters }, signal })),
    page: (offset, signal) =>
      must(api.GET('/polycast/v1/live/channels', { params: { query: { ...filters, offset, limit: PAGE } }, signal })),
  })
}

/** Takes a change back, once. */
export function useUndo() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const undo = useMutation({
    mutationFn: (token: string) => must(api.POST('/polycast/v1/live/undo/{token}', { params: { path: { token } } })),
    onSuccess: (done) => {
      toast.info(done.text)
      return cache.invalidateQueries({ queryKey: CHANNELS })
    },
    onError: (error) => toast.failed(t('channels.notundone'), error),
  })
  return (message: string, token: string | null) =>
    token ? toast.undo(message, t('common.undo'), () => undo.mutate(token)) : toast.good(message)
}

/** Moves rows: they stand in their new place at once, and go back when the server refuses. */
export function useMoveChannels(filters: ChannelFilters) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const offerUndo = useUndo()
  const key = keyOf(filters)

  const showAtOnce = (ids: ReadonlySet<number>, afterId: number | null) => {
    const before = cache.getQueryData<{ ids: number[] }>([...key, 'ids'])
    if (!before) return
    const after = moveRows(before.ids, ids, afterId)
    const pages = cache.getQueriesData<ChannelWindow>({ queryKey: [...key, 'rows'] })
    const numbers = new Map(pages.flatMap(([, page]) => page?.items.map((one) => [one.id, one.number] as const) ?? []))
    const dealt = dealNumbers(before.ids, after, (id) => numbers.get(id) ?? null)
    cache.setQueryData([...key, 'ids'], { ids: after })
    cache.setQueriesData<ChannelWindow>(
      { queryKey: [...key, 'rows'] },
      (page) =>
        page && {
          ...page,
          items: page.items.map((one) => (dealt.has(one.id) ? { ...one, number: dealt.get(one.id) ?? null } : one)),
        },
    )
  }

  return useMutation({
    mutationFn: (move: Move) => must(api.POST('/polycast/v1/live/channels/move', { body: move })),
    onMutate: async (move) => {
      await cache.cancelQueries({ queryKey: key })
      const kept = cache.getQueriesData({ queryKey: key })
      if (move.ids && move.after_id !== undefined) showAtOnce(new Set(move.ids), move.after_id)
      return { kept }
    },
    onError: (error, _, context) => {
      for (const [queryKey, data] of context?.kept ?? []) cache.setQueryData(queryKey, data)
      toast.failed(t('channels.notmoved'), error)
    },
    onSuccess: (done, move) => offerUndo(t('channels.moved', { count: move.ids?.length ?? done.count }), done.undo),
    onSettled: () => cache.invalidateQueries({ queryKey: CHANNELS }),
  })
}

/** Changes one channel; the row shows what the server made of it. */
export function useEditChannel(filters: ChannelFilters) {
  const cache = useQueryClient()
  return async (id: number, body: ChannelPatch) => {
    const now = await must(api.PATCH('/polycast/v1/live/channels/{id}', { params: { path: { id } }, body }))
    cache.setQueriesData<ChannelWindow>(
      { queryKey: [...keyOf(filters), 'rows'] },
      (page) => page && { ...page, items: page.items.map((one) => (one.id === now.id ? now : one)) },
    )
    return now
  }
}
