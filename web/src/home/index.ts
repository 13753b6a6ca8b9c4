import { IconActivityHeartbeat, IconHome } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'home',
  rail: [
    { path: '/', label: 'home.title', icon: IconHome, order: 0, phone: true },
    { path: '/activity', label: 'activity.title', icon: IconActivityHeartbeat, order: 80, scope: 'core:read' },
  ],
  words: {
    'home.title': ['Home', 'Start'],
    'activity.title': ['Activity', 'Aktivität'],
  },
  routes: [
    { path: '/', title: 'home.title', page: 'home' },
    { path: '/activity', title: 'activity.title', scope: 'core:read', page: 'activity' },
  ],
  more: () => import('./more'),
}
