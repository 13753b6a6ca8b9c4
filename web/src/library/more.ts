import { IconDeviceTv, IconFolderPlus, IconMovie } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { FOLDERS, TITLES } from './shapes'
import { strings } from './strings'

const read = { scope: 'library:read' } as const

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: {
    start: () => import('./StartPage'),
    films: () => import('./FilmsPage'),
    shows: () => import('./ShowsPage'),
    film: () => import('./FilmPage'),
    show: () => import('./ShowPage'),
    episode: () => import('./EpisodePage'),
    folders: () => import('./FoldersPage'),
  },
  actions: [
    { id: 'library.films', label: 'library.films', icon: IconMovie, path: '/library/films', ...read },
    { id: 'library.shows', label: 'library.shows', icon: IconDeviceTv, path: '/library/shows', ...read },
    { id: 'library.add', label: 'library.add', icon: IconFolderPlus, path: '/library/folders', scope: 'library:write' },
  ],
  events: [
    { on: 'library.*', keys: [TITLES, FOLDERS], facts: true },
    { on: 'core.job_changed', keys: [FOLDERS], facts: true },
  ],
  hits: {
    'library.movie': { label: 'library.film', icon: IconMovie, path: (id) => `/library/film/${id}`, poster: true },
    'library.show': { label: 'library.show', icon: IconDeviceTv, path: (id) => `/library/show/${id}`, poster: true },
    'library.episode': { label: 'library.episode', icon: IconDeviceTv, path: (id) => `/library/episode/${id}` },
  },
  home: [{ id: 'library.continue', order: 10, ...read, row: () => import('./ContinueRow') }],
}
