import { IconMovie } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

const read = { scope: 'library:read' } as const

export const module: ModuleUi = {
  name: 'library',
  rail: [{ path: '/library', label: 'library.title', icon: IconMovie, order: 30, ...read, phone: true }],
  words: { 'library.title': ['Library', 'Mediathek'] },
  routes: [
    { path: '/library', title: 'library.title', ...read, page: 'start' },
    { path: '/library/films', title: 'library.films', ...read, page: 'films' },
    { path: '/library/shows', title: 'library.shows', ...read, page: 'shows' },
    { path: '/library/film/$ref', title: 'library.film', ...read, page: 'film' },
    { path: '/library/show/$ref', title: 'library.show', ...read, page: 'show' },
    { path: '/library/episode/$ref', title: 'library.episode', ...read, page: 'episode' },
    { path: '/library/person/$ref', title: 'library.person', ...read, page: 'person' },
    { path: '/library/collections', title: 'library.collections', ...read, page: 'collections' },
    { path: '/library/collection/$ref', title: 'library.collection', ...read, page: 'collection' },
    { path: '/library/watchlist', title: 'library.watchlist', ...read, page: 'watchlist' },
    { path: '/library/podcasts', title: 'library.podcasts', ...read, page: 'podcasts' },
    { path: '/library/podcast/$ref', title: 'library.podcast', ...read, page: 'podcast' },
    { path: '/library/family', title: 'library.family', ...read, page: 'family' },
    { path: '/library/folders', title: 'library.folders', scope: 'library:write', page: 'folders' },
    { path: '/library/folders/$ref', title: 'library.folders', scope: 'library:write', page: 'folder' },
    { path: '/library/moving', title: 'library.moving', scope: 'library:write', page: 'moving' },
    { path: '/device', title: 'library.device', scope: 'library:play', page: 'device' },
    { path: '/library/board', title: 'library.board', scope: 'library:write', page: 'board' },
  ],
  more: () => import('./more'),
}
