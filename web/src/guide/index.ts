import { IconCalendarTime } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

export const module: ModuleUi = {
  name: 'guide',
  rail: [{ path: '/guide', label: 'guide.title', icon: IconCalendarTime, order: 20, scope: 'live:play', phone: true }],
  words: {
    'guide.title': ['Guide', 'Programm'],
  },
  routes: [{ path: '/guide', title: 'guide.title', scope: 'live:play', page: 'guide' }],
  more: () => import('./more'),
}
