import { IconRadio } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

const write = { scope: 'radio:write' } as const

export const module: ModuleUi = {
  name: 'radio',
  rail: [{ path: '/radio', label: 'radio.title', icon: IconRadio, order: 40, ...write }],
  words: { 'radio.title': ['Radio', 'Radio'] },
  routes: [
    { path: '/radio', title: 'radio.title', ...write, page: 'stations' },
    { path: '/radio/accounts', title: 'radio.accounts', ...write, page: 'accounts' },
    { path: '/radio/stations/$ref', title: 'radio.station', ...write, page: 'station' },
    { path: '/radio/stations/$ref/schedule', title: 'radio.schedule', ...write, page: 'schedule' },
    { path: '/radio/stations/$ref/statistics', title: 'radio.statistics', ...write, page: 'statistics' },
  ],
  more: () => import('./more'),
}
