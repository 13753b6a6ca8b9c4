import { IconDeviceTv } from '@tabler/icons-react'
import type { ModuleUi } from '~/kit/module'

const read = { scope: 'live:read' } as const

export const module: ModuleUi = {
  name: 'live',
  rail: [{ path: '/live', label: 'live.title', icon: IconDeviceTv, order: 10, phone: true, ...read }],
  words: {
    'live.title': ['Live TV', 'Live-TV'],
  },
  routes: [
    { path: '/live', title: 'live.title', ...read, page: 'status' },
    { path: '/live/channels', title: 'channels.title', ...read, page: 'channels' },
    { path: '/live/sources', title: 'sources.title', ...read, page: 'sources' },
    { path: '/live/sources/$ref', title: 'sources.title', ...read, page: 'source' },
    { path: '/live/matching', title: 'matching.title', ...read, page: 'matching' },
    { path: '/live/logos', title: 'logos.title', ...read, page: 'logos' },
    { path: '/live/profiles', title: 'profiles.title', ...read, page: 'profiles' },
    { path: '/live/outputs', title: 'outputs.title', scope: 'live:play', page: 'outputs' },
  ],
  more: () => import('./more'),
}
