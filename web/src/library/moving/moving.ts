import type { Answer, Sent } from '~/api/shapes'

export type Kind = 'plex' | 'jellyfin' | 'emby'
export const KINDS = ['plex', 'jellyfin', 'emby'] as const satisfies readonly Kind[]
export type Found = Answer<'/v1/migration/preview', 'post'>
export type Import = Sent<'/v1/migration/import', 'post'>

/** Where each library and each user of the other server goes; "" leaves it out. */
export interface Targets {
  libraries: Readonly<Record<string, string>>
  users: Readonly<Record<string, string>>
}

/** What the server itself thinks fits. */
export const suggested = (found: Found): Targets => ({
  libraries: Object.fromEntries(found.libraries.map((one) => [one.externalId, one.suggestedLibraryId ?? ''])),
  users: Object.fromEntries(found.users.map((one) => [one.externalId, one.suggestedUserId ?? ''])),
})

/** What is sent to begin: only what goes somewhere. */
export function importOf(sourceId: string, { libraries, users }: Targets, shells: boolean): Import {
  return {
    sourceId,
    libraries: Object.entries(libraries).flatMap(([externalId, libraryId]) => (libraryId ? [{ externalId, libraryId }] : [])),
    users: Object.entries(users).map(([externalId, userId]) =>
      userId ? { externalId, action: 'map' as const, userId } : { externalId, action: 'skip' as const },
    ),
    options: { watchHistory: true, createShells: shells, conflict: 'newest' },
  }
}
