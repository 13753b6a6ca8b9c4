import type { ReactNode } from 'react'
import { Page } from '~/kit/parts'
import { type Place, SubNav } from '~/kit/SubNav'

const read = { scope: 'library:read' } as const
const PLACES: readonly Place[] = [
  { path: '/library', label: 'library.start', ...read },
  { path: '/library/films', label: 'library.films', ...read },
  { path: '/library/shows', label: 'library.shows', ...read },
  { path: '/library/collections', label: 'library.collections', ...read },
  { path: '/library/watchlist', label: 'library.watchlist', ...read },
  { path: '/library/podcasts', label: 'library.podcasts', ...read },
  { path: '/library/family', label: 'library.family', ...read },
  { path: '/library/folders', label: 'library.folders', scope: 'library:write' },
  { path: '/library/board', label: 'library.board', scope: 'library:write' },
]

interface Props {
  title: string
  actions?: ReactNode
  fill?: boolean
  children: ReactNode
}

/** A page to watch from, with the way to the others above it. */
export function LibraryPage({ children, ...page }: Props) {
  return (
    <Page {...page} arrows>
      <SubNav label="library.title" places={PLACES} />
      {children}
    </Page>
  )
}
