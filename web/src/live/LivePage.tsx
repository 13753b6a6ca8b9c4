import type { ReactNode } from 'react'
import { Page } from '~/kit/parts'
import { type Place, SubNav } from '~/kit/SubNav'

const read = { scope: 'live:read' } as const
const PLACES: readonly Place[] = [
  { path: '/live', label: 'status.title', ...read },
  { path: '/live/channels', label: 'channels.title', ...read },
  { path: '/live/sources', label: 'sources.title', ...read },
  { path: '/live/matching', label: 'matching.title', ...read },
  { path: '/live/logos', label: 'logos.title', ...read },
  { path: '/live/profiles', label: 'profiles.title', ...read },
  { path: '/live/outputs', label: 'outputs.title', scope: 'live:play' },
]

interface Props {
  title: string
  about?: ReactNode
  actions?: ReactNode
  fill?: boolean
  children: ReactNode
}

/** A page of live TV, with the way to the others above it. */
export function LivePage({ children, ...page }: Props) {
  return (
    <Page {...page}>
      <SubNav label="live.title" places={PLACES} />
      {children}
    </Page>
  )
}
