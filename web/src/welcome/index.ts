import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'welcome',
  rail: [],
  words: {},
  routes: [{ path: '/welcome', title: 'welcome.title', scope: 'core:write', page: 'welcome' }],
  more: () => import('./more'),
}
