import { IconKey } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: { account: () => import('./AccountPage'), users: () => import('./UsersPage') },
  actions: [
    { id: 'account.devices', label: 'devices.title', icon: IconKey, path: '/account?tab=devices' },
    { id: 'account.keys', label: 'keys.api', icon: IconKey, path: '/account?tab=keys' },
  ],
}
