import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'
import type { Media, Way } from './media'
import { play } from './state'

export type Play = Answer<'/polycast/v1/live/play/{channel_id}'>

const ask = async (channelId: number, programme = ''): Promise<Media> => {
  const query = programme ? { programme } : {}
  return mediaOf(
    await must(api.GET('/polycast/v1/live/play/{channel_id}', { params: { path: { channel_id: channelId }, query } })),
  )
}

/** A channel as something to watch: up and down lead to its neighbours. */
export function mediaOf(found: Play): Media {
  const beside = (id: number | null) => (id === null ? undefined : { title: '', load: () => ask(id) })
  const showing = found.now?.title ?? ''
  const name = [found.number, found.name].filter(Boolean).join(' · ')
  return {
    key: `live:${found.channel_id}`,
    title: showing || found.name,
    subtitle: name,
    image: found.logo_url,
    isLive: true,
    ways: found.ways satisfies readonly Way[],
    previous: beside(found.above_id),
    next: beside(found.below_id),
    again: () => ask(found.channel_id),
  }
}

/** Plays a channel; with `programme` what it showed earlier. */
export function watch(channelId: number, how: { full?: boolean; programme?: string } = {}): void {
  void play(() => ask(channelId, how.programme), how)
}

export function watchNumber(number: string): void {
  void play(async () =>
    mediaOf(await must(api.GET('/polycast/v1/live/play/by-number/{number}', { params: { path: { number } } }))),
  )
}
