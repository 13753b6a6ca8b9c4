import {
  IconBookmark,
  IconDevices,
  IconDeviceTv,
  IconFolderPlus,
  IconMicrophone,
  IconMovie,
  IconStack2,
  IconTransfer,
  IconUser,
} from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { patchScan } from './folders'
import { COLLECTIONS, DASHBOARD, FOLDERS, PROFILES, TITLES } from './shapes'
import { strings } from './strings'
import { stringsMore } from './stringsMore'

const read = { scope: 'library:read' } as const

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings: { ...strings, ...stringsMore },
  pages: {
    start: () => import('./StartPage'),
    films: () => import('./FilmsPage'),
    shows: () => import('./ShowsPage'),
    film: () => import('./FilmPage'),
    show: () => import('./ShowPage'),
    episode: () => import('./EpisodePage'),
    folders: () => import('./FoldersPage'),
    folder: () => import('./FolderPage'),
    person: () => import('./PersonPage'),
    collections: () => import('./collections/CollectionsPage'),
    collection: () => import('./collections/CollectionPage'),
    watchlist: () => import('./WatchlistPage'),
    podcasts: () => import('./podcasts/PodcastsPage'),
    podcast: () => import('./podcasts/PodcastPage'),
    family: () => import('./family/ProfilesPage'),
    moving: () => import('./moving/MovingPage'),
    device: () => import('./DevicePage'),
    board: () => import('./DashboardPage'),
  },
  actions: [
    { id: 'library.films', label: 'library.films', icon: IconMovie, path: '/library/films', ...read },
    { id: 'library.shows', label: 'library.shows', icon: IconDeviceTv, path: '/library/shows', ...read },
    { id: 'library.collections', label: 'library.collections', icon: IconStack2, path: '/library/collections', ...read },
    { id: 'library.watchlist', label: 'library.watchlist', icon: IconBookmark, path: '/library/watchlist', ...read },
    { id: 'library.podcasts', label: 'library.podcasts', icon: IconMicrophone, path: '/library/podcasts', ...read },
    { id: 'library.device', label: 'library.device', icon: IconDevices, path: '/device', scope: 'library:play' },
    { id: 'library.moving', label: 'library.moving', icon: IconTransfer, path: '/library/moving', scope: 'library:write' },
    { id: 'library.add', label: 'library.add', icon: IconFolderPlus, path: '/library/folders', scope: 'library:write' },
  ],
  events: [
    { on: 'library.items_changed', keys: [TITLES, COLLECTIONS] },
    { on: 'library.library_changed', keys: [TITLES, FOLDERS, COLLECTIONS, DASHBOARD] },
    { on: 'library.watch_state_changed', keys: [TITLES, COLLECTIONS] },
    { on: 'library.playback_started', keys: [DASHBOARD] },
    { on: 'library.sessions_changed', keys: [DASHBOARD] },
    { on: 'library.playback_stopped', keys: [DASHBOARD, PROFILES] },
    { on: 'library.scan_changed', patch: patchScan },
    { on: 'core.job_changed', keys: [FOLDERS], facts: true },
  ],
  hits: {
    'library.movie': { label: 'library.film', icon: IconMovie, path: (id) => `/library/film/${id}`, poster: true },
    'library.show': { label: 'library.show', icon: IconDeviceTv, path: (id) => `/library/show/${id}`, poster: true },
    'library.person': { label: 'library.person', icon: IconUser, path: (id) => `/library/person/${id}`, poster: true },
    'library.episode': { label: 'library.episode', icon: IconDeviceTv, path: (id) => `/library/episode/${id}` },
  },
  home: [
    { id: 'library.continue', order: 10, ...read, row: () => import('./ContinueRow') },
    { id: 'library.new', order: 30, ...read, row: () => import('./NewRow') },
  ],
}
