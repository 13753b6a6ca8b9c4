import type { ReactNode } from 'react'
import { Page } from '~/kit/parts'
import { type Place, SubNav } from '~/kit/SubNav'

const read = { scope: 'monitor:read' } as const
const PLACES: readonly Place[] = [
  { path: '/monitor', label: 'monitor.wall', ...read },
  { path: '/monitor/timeline', label: 'monitor.timeline', ...read },
  { path: '/monitor/statistics', label: 'monitor.stats', ...read },
  { path: '/monitor/rules', label: 'monitor.rules', ...read },
  { path: '/monitor/destinations', label: 'monitor.destinations', scope: 'monitor:write' },
]

interface Props {
  title: string
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page of the watch, with the way to the others above it. */
export function MonitorPage({ children, ...page }: Props) {
  return (
    <Page {...page}>
      <SubNav label="monitor.title" places={PLACES} />
      {children}
    </Page>
  )
}
