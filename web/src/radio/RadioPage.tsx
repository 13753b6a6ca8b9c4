import { IconArrowLeft } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LinkButton } from '~/kit/go'
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

/** A page of one station, with the way to its others above it. */
export function StationTop({ pk, title, children }: { pk: number; title: string; children: ReactNode }) {
  const { t } = useTranslation()
  const root = `/radio/stations/${pk}`
  const places: Place[] = [
    { path: root, label: 'radio.onair' },
    { path: `${root}/schedule`, label: 'radio.schedule' },
    { path: `${root}/statistics`, label: 'radio.statistics' },
  ]
  const back = (
    <LinkButton to="/radio" variant="default" leftSection={<IconArrowLeft size={16} />}>
      {t('radio.stations')}
    </LinkButton>
  )
  return (
    <Page title={title} actions={back}>
      <SubNav label="radio.station" places={places} />
      {children}
    </Page>
  )
}
