import type { ReactNode } from 'react'
import { Page } from '~/kit/parts'
import { type Place, SubNav } from '~/kit/SubNav'

const read = { scope: 'acquire:read' } as const
const PLACES: readonly Place[] = [
  { path: '/acquire', label: 'acquire.title', ...read },
  { path: '/acquire/browse', label: 'acquire.browse', ...read },
  { path: '/acquire/accounts', label: 'acquire.accounts', ...read },
  { path: '/acquire/arrs', label: 'acquire.arrs', ...read },
  { path: '/acquire/repair', label: 'acquire.repair', ...read },
  { path: '/acquire/settings', label: 'acquire.settings', scope: 'acquire:admin' },
]

interface Props {
  title: string
  actions?: ReactNode
  fill?: boolean
  children: ReactNode
}

/** A page of this module, with the way to the others above it. */
export function AcquirePage({ children, ...page }: Props) {
  return (
    <Page {...page}>
      <SubNav label="acquire.title" places={PLACES} />
      {children}
    </Page>
  )
}
