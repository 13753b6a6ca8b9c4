import type { Film, Show } from '../shapes'

/** A film or a show, as its page hands it to what can be done with it. */
export type Subject = { kind: 'movie'; title: Film } | { kind: 'show'; title: Show }

/** What people may correct, and which stays as it is when providers are asked again: the server's word for each. */
export const FIELDS = [
  'title',
  'sortTitle',
  'originalTitle',
  'year',
  'contentRating',
  'tagline',
  'overview',
  'genres',
  'keywords',
] as const
export type Field = (typeof FIELDS)[number]

export type Draft = Record<Field, string>

const words = (list: readonly string[]) => list.join(', ')

/** What the form begins with. */
export function draftOf({ kind, title }: Subject): Draft {
  return {
    title: title.title,
    sortTitle: title.sortTitle,
    originalTitle: title.originalTitle ?? '',
    year: title.year == null ? '' : String(title.year),
    contentRating: title.contentRating ?? '',
    tagline: kind === 'movie' ? (title.tagline ?? '') : '',
    overview: title.overview ?? '',
    genres: words(title.genres),
    keywords: words(title.keywords),
  }
}

const listOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
]

/** What is sent: only what differs from what was there. */
export function changesOf(before: Draft, now: Draft): Record<string, string | number | string[]> {
  const changed: Record<string, string | number | string[]> = {}
  for (const field of FIELDS) {
    if (now[field].trim() === before[field].trim()) continue
    if (field === 'year') {
      const year = Number(now.year)
      if (Number.isInteger(year)) changed.year = year
    } else if (field === 'genres' || field === 'keywords') changed[field] = listOf(now[field])
    else changed[field] = now[field].trim()
  }
  return changed
}
