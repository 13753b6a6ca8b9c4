import { IconCalendarTime } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: { guide: () => import('./GuidePage') },
  events: [
    { on: 'live.guide_refreshed', keys: [['live', 'guide']] },
    { on: 'live.channel*', keys: [['live', 'guide']], facts: true },
    {
      on: 'live.recording_*',
      keys: [
        ['live', 'guide'],
        ['live', 'programme'],
      ],
    },
    { on: 'live.reminder_*', keys: [['live', 'programme']] },
  ],
  hits: {
    'live.programme': { label: 'guide.hit', icon: IconCalendarTime, path: (id) => `/guide?programme=${id}` },
  },
}
