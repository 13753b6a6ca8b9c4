import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'
import { type Media, play } from '~/player'
import type { Podcast } from '../shapes'

export type Episode = Answer<'/v1/podcasts/{podcast_id}/episodes'>['items'][number]

/** An episode as something to listen to; where one stops is kept by the server. */
export function mediaOf(podcast: Podcast, episode: Episode): Media {
  const params = { path: { episode_id: episode.id } }
  return {
    key: `library.podcast:${episode.id}`,
    title: episode.title,
    subtitle: podcast.title,
    image: episode.image ?? podcast.image,
    isLive: false,
    isAudio: true,
    ways: [{ kind: 'audio', url: episode.audioUrl, label: 'Original' }],
    startAt: episode.userState.played ? 0 : episode.userState.position,
    ...(episode.duration ? { duration: episode.duration } : {}),
    report: async ({ at, duration }) => {
      const body = { position: at, duration: duration > 0 ? duration : null }
      await must(api.PUT('/v1/podcasts/episodes/{episode_id}/progress', { params, body }))
      return undefined
    },
    again: async () => mediaOf(podcast, episode),
  }
}

/** Plays an episode where the listener stopped. */
export function listen(podcast: Podcast, episode: Episode): void {
  void play(async () => mediaOf(podcast, episode))
}
