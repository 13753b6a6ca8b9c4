import type { ModuleMore } from '~/kit/module'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: { home: () => import('./HomePage'), activity: () => import('./ActivityPage') },
  events: [
    { on: 'live.*', keys: [['core', 'home']], facts: true },
    { on: 'library.*', keys: [['core', 'home']], facts: true },
  ],
}
