import type { ModuleMore } from '~/kit/module'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: { settings: () => import('./SettingsPage') },
}
