import type { ReactNode } from 'react'
import { Page } from '~/kit/parts'
import { type Place, SubNav } from '~/kit/SubNav'
import { useSession } from '~/kit/session'

const STATIONS: Place = { path: '/radio', label: 'radio.stations', scope: 'radio:write' }
const ACCOUNTS: Place = { path: '/radio/accounts', label: 'radio.accounts', scope: 'radio:write' }

interface Props {
  title: string
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page of the business, with the way to the others above it; customers have no customers. */
export function RadioPage({ children, ...page }: Props) {
  const { me } = useSession()
  return (
    <Page {...page}>
      <SubNav label="radio.title" places={me.role === 'broadcaster' ? [STATIONS] : [STATIONS, ACCOUNTS]} />
      {children}
    </Page>
  )
}
