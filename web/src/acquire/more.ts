import { IconCloudDownload, IconFolders, IconPlus, IconStethoscope } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { ACCOUNTS, ARRS, MOUNT, REPAIR, SERVERS, SETTINGS, TRANSFERS, TREE } from './shapes'
import { strings } from './strings'

const read = { scope: 'acquire:read' } as const

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: {
    downloads: () => import('./DownloadsPage'),
    browse: () => import('./BrowsePage'),
    accounts: () => import('./AccountsPage'),
    arrs: () => import('./ArrsPage'),
    repair: () => import('./RepairPage'),
    settings: () => import('./SettingsPage'),
  },
  actions: [
    { id: 'acquire.downloads', label: 'acquire.title', icon: IconCloudDownload, path: '/acquire', ...read },
    { id: 'acquire.add', label: 'acquire.add', icon: IconPlus, path: '/acquire?add=1', scope: 'acquire:write' },
    { id: 'acquire.browse', label: 'acquire.browse', icon: IconFolders, path: '/acquire/browse', ...read },
    { id: 'acquire.repair', label: 'acquire.repair', icon: IconStethoscope, path: '/acquire/repair', ...read },
  ],
  events: [
    { on: 'acquire.entry*', keys: [TRANSFERS] },
    { on: 'acquire.progressed', keys: [TRANSFERS] },
    { on: 'acquire.library_changed', keys: [TREE, ACCOUNTS] },
    { on: 'acquire.config_changed', keys: [SETTINGS, ACCOUNTS, SERVERS, MOUNT, ARRS] },
    { on: 'core.job_changed', keys: [REPAIR], facts: true },
  ],
}
