import { IconHeartbeat } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

const read = { scope: 'monitor:read' } as const
const write = { scope: 'monitor:write' } as const

export const module: ModuleUi = {
  name: 'monitor',
  rail: [{ path: '/monitor', label: 'monitor.title', icon: IconHeartbeat, order: 60, ...read }],
  words: { 'monitor.title': ['Monitor', 'Überwachung'] },
  routes: [
    { path: '/monitor', title: 'monitor.title', ...read, page: 'wall' },
    { path: '/monitor/timeline', title: 'monitor.timeline', ...read, page: 'timeline' },
    { path: '/monitor/statistics', title: 'monitor.stats', ...read, page: 'stats' },
    { path: '/monitor/rules', title: 'monitor.rules', ...read, page: 'rules' },
    { path: '/monitor/destinations', title: 'monitor.destinations', ...write, page: 'destinations' },
  ],
  more: () => import('./more'),
}
