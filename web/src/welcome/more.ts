import { IconConfetti } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: { welcome: () => import('./WelcomePage') },
  actions: [{ id: 'welcome', label: 'welcome.title', icon: IconConfetti, scope: 'core:write', path: '/welcome' }],
}
