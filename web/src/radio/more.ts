import { IconRadio, IconUserPlus } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { ACCOUNTS, STATIONS } from './shapes'
import { strings } from './strings'

const write = { scope: 'radio:write' } as const

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: {
    stations: () => import('./StationsPage'),
    accounts: () => import('./AccountsPage'),
    station: () => import('./StationPage'),
    schedule: () => import('./SchedulePage'),
    statistics: () => import('./StatisticsPage'),
  },
  actions: [
    { id: 'radio.stations', label: 'radio.title', icon: IconRadio, path: '/radio', ...write },
    { id: 'radio.add', label: 'radio.add', icon: IconUserPlus, path: '/radio/accounts?add=1', scope: 'radio:admin' },
  ],
  events: [
    { on: 'radio.account_*', keys: [ACCOUNTS, STATIONS] },
    { on: 'radio.station_*', keys: [STATIONS] },
    { on: 'radio.programme_changed', keys: [['radio', 'station']] },
    { on: 'radio.queue_changed', keys: [['radio', 'station']] },
    { on: 'radio.now_playing_changed', keys: [STATIONS, ['radio', 'station']] },
    { on: 'radio.audience_changed', keys: [STATIONS, ACCOUNTS] },
    { on: 'radio.dj_*', keys: [['radio', 'station']] },
    { on: 'radio.stream_*', keys: [STATIONS, ['radio', 'station']] },
    { on: 'radio.track_measured', keys: [['radio', 'station']] },
  ],
}
