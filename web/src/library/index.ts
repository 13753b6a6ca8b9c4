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
    { path: '/library/folders', title: 'library.folders', scope: 'library:write', page: 'folders' },
  ],
  more: () => import('./more'),
}
