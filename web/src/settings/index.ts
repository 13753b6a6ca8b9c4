import { IconSettings } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'settings',
  rail: [{ path: '/settings', label: 'settings.title', icon: IconSettings, order: 90, scope: 'core:write' }],
  words: {
    'settings.title': ['Settings', 'Einstellungen'],
  },
  routes: [{ path: '/settings', title: 'settings.title', scope: 'core:write', page: 'settings' }],
  more: () => import('./more'),
}
