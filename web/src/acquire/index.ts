import { IconCloudDownload } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

const read = { scope: 'acquire:read' } as const

export const module: ModuleUi = {
  name: 'acquire',
  rail: [{ path: '/acquire', label: 'acquire.title', icon: IconCloudDownload, order: 40, ...read }],
  words: { 'acquire.title': ['Downloads', 'Downloads'] },
  routes: [
    { path: '/acquire', title: 'acquire.title', ...read, page: 'downloads' },
    { path: '/acquire/browse', title: 'acquire.browse', ...read, page: 'browse' },
    { path: '/acquire/accounts', title: 'acquire.accounts', ...read, page: 'accounts' },
    { path: '/acquire/arrs', title: 'acquire.arrs', ...read, page: 'arrs' },
    { path: '/acquire/repair', title: 'acquire.repair', ...read, page: 'repair' },
    { path: '/acquire/settings', title: 'acquire.settings', scope: 'acquire:admin', page: 'settings' },
  ],
  more: () => import('./more'),
}
