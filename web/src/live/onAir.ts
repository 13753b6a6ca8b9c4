import { type QueryClient, useQuery } from '@tanstack/react-query'
import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'

type OnAirList = Answer<'/polycast/v1/live/on-air'>
export type OnAir = OnAirList['items'][number]

const ON_AIR = ['live', 'on-air'] as const

/** The list after one channel has changed; "ended" takes it out. */
export function withOnAir(items: readonly OnAir[], told: OnAir): OnAir[] {
  const others = items.filter((one) => one.channel_id !== told.channel_id)
  return told.state === 'ended' ? others : [...others, told]
}

export function patchOnAir(cache: QueryClient, body: unknown): void {
  cache.setQueryData<OnAirList>(ON_AIR, (now) => now && { items: withOnAir(now.items, body as OnAir) })
}

const byChannel = (list: OnAirList): ReadonlyMap<number, OnAir> => new Map(list.items.map((one) => [one.channel_id, one]))
const NOTHING: ReadonlyMap<number, OnAir> = new Map()

/** The channels that run, by id. */
export function useOnAir(): ReadonlyMap<number, OnAir> {
  const { data } = useQuery({
    queryKey: ON_AIR,
    queryFn: ({ signal }) => must(api.GET('/polycast/v1/live/on-air', { signal })),
    select: byChannel,
  })
  return data ?? NOTHING
}
