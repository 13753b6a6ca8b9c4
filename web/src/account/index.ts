import { IconUsers } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'account',
  rail: [{ path: '/users', label: 'users.title', icon: IconUsers, order: 85, scope: 'core:admin' }],
  words: {
    'users.title': ['Users', 'Benutzer'],
  },
  routes: [
    { path: '/account', title: 'account.title', page: 'account' },
    { path: '/users', title: 'users.title', scope: 'core:admin', page: 'users' },
  ],
  more: () => import('./more'),
}
