import type { Answer } from '~/api/shapes'

export type Film = Answer<'/v1/movies/{movie_id}'>
export type Show = Answer<'/v1/shows/{show_id}'>
export type Episode = Answer<'/v1/shows/{show_id}/seasons/{season_num}/episodes'>['items'][number]
export type Folder = Answer<'/v1/libraries'>['items'][number]
export type Collection = Answer<'/v1/collections'>['items'][number]
export type Profile = Answer<'/v1/parental-controls/profiles'>['items'][number]
export type Podcast = Answer<'/v1/podcasts'>['items'][number]
export type Tile = Answer<'/v1/home'>['rows'][number]['items'][number]

export const TITLES = ['library', 'titles'] as const
export const FOLDERS = ['library', 'folders'] as const
export const COLLECTIONS = ['library', 'collections'] as const
export const PROFILES = ['library', 'profiles'] as const
export const PODCASTS = ['library', 'podcasts'] as const
export const DASHBOARD = ['library', 'dashboard'] as const
export const MOVING = ['library', 'moving'] as const

interface Pictured {
  images: Readonly<Record<string, unknown>>
}

/** The address of a picture of some kind, or of the next best. */
export function picture({ images }: Pictured, ...kinds: readonly string[]): string | null {
  for (const kind of kinds) {
    const found = images[kind]
    if (typeof found === 'string' && found) return found
  }
  return null
}

/** Where the page of a title is. */
export const pageOf = ({ mediaType, id, showId }: { mediaType: string; id: string; showId?: string | null }): string =>
  mediaType === 'movie' ? `/library/film/${id}` : `/library/show/${showId ?? id}`

/** "S01E02" of an episode, the year of anything else. */
export function placeOf(card: Pick<Tile, 'seasonNumber' | 'episodeNumber' | 'year'>): string {
  const two = (number: number) => String(number).padStart(2, '0')
  if (card.seasonNumber != null && card.episodeNumber != null) return `S${two(card.seasonNumber)}E${two(card.episodeNumber)}`
  return card.year == null ? '' : String(card.year)
}

/** Minutes as people say them: "2 h 5 min". */
export function length(seconds: number | null | undefined): string {
  if (!seconds) return ''
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How much of it has been seen, 0-1. */
export const seenOf = (state: { percent?: number } | undefined): number => Math.min(1, Math.max(0, (state?.percent ?? 0) / 100))
