import { IconBellCog, IconHeartbeat, IconPlus, IconTimeline } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { HISTORY, INCIDENTS, LOG, OVERVIEW, RULES, STATS } from './shapes'
import { strings } from './strings'

const read = { scope: 'monitor:read' } as const
const write = { scope: 'monitor:write' } as const

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: {
    wall: () => import('./WallPage'),
    timeline: () => import('./TimelinePage'),
    stats: () => import('./StatsPage'),
    rules: () => import('./RulesPage'),
    destinations: () => import('./DestinationsPage'),
  },
  actions: [
    { id: 'monitor.wall', label: 'monitor.title', icon: IconHeartbeat, path: '/monitor', ...read },
    { id: 'monitor.add', label: 'monitor.add', icon: IconPlus, path: '/monitor?add=1', ...write },
    { id: 'monitor.timeline', label: 'monitor.timeline', icon: IconTimeline, path: '/monitor/timeline', ...read },
    { id: 'monitor.destinations', label: 'monitor.destinations', icon: IconBellCog, path: '/monitor/destinations', ...write },
  ],
  events: [
    { on: 'monitor.server*', keys: [OVERVIEW] },
    { on: 'monitor.session_changed', keys: [OVERVIEW, STATS] },
    { on: 'monitor.recording_changed', keys: [OVERVIEW, STATS] },
    { on: 'monitor.incident_changed', keys: [OVERVIEW, INCIDENTS] },
    { on: 'monitor.activity_added', keys: [HISTORY, RULES] },
    { on: 'monitor.delivery_changed', keys: [LOG] },
    { on: 'monitor.settings_changed', keys: [['monitor', 'settings']] },
  ],
}
