import { IconAntennaBars5, IconDeviceTv, IconListNumbers, IconPlaylistAdd, IconShare } from '@tabler/icons-react'
import type { ModuleMore } from '~/kit/module'
import { patchOnAir } from './onAir'
import { dropSession, patchSession } from './sessions'
import { SOURCES } from './shapes'
import { strings } from './strings'

/** What this module brings beyond its place in the rail. */
export const more: ModuleMore = {
  strings,
  pages: {
    status: () => import('./StatusPage'),
    channels: () => import('./ChannelsPage'),
    sources: () => import('./SourcesPage'),
    source: () => import('./SourcePage'),
    matching: () => import('./MatchingPage'),
    logos: () => import('./LogosPage'),
    profiles: () => import('./ProfilesPage'),
    outputs: () => import('./OutputsPage'),
  },
  actions: [
    { id: 'live.sources', label: 'sources.add', icon: IconPlaylistAdd, scope: 'live:write', path: '/live/sources?add=playlist' },
    { id: 'live.channels', label: 'channels.title', icon: IconListNumbers, path: '/live/channels', scope: 'live:read' },
    { id: 'live.outputs', label: 'outputs.title', icon: IconShare, scope: 'live:play', path: '/live/outputs' },
    { id: 'live.matching', label: 'matching.title', icon: IconAntennaBars5, scope: 'live:write', path: '/live/matching' },
  ],
  events: [
    { on: 'live.session_changed', patch: patchSession },
    { on: 'live.session_ended', patch: dropSession },
    { on: 'live.on_air_changed', patch: patchOnAir },
    { on: 'live.source_*', keys: [SOURCES, ['live', 'source'], ['live', 'streams']], facts: true },
    { on: 'live.account_*', keys: [SOURCES, ['live', 'source']], facts: true },
    { on: 'live.guide_*', keys: [SOURCES, ['live', 'source'], ['live', 'match']], facts: true },
    {
      on: 'live.channel*',
      keys: [
        ['live', 'channels'],
        ['live', 'groups'],
        ['live', 'profiles'],
      ],
      facts: true,
    },
    {
      on: 'live.group_*',
      keys: [
        ['live', 'groups'],
        ['live', 'channels'],
      ],
    },
    { on: 'live.logo_*', keys: [['live', 'logos']] },
    { on: 'live.profile_*', keys: [['live', 'profiles']] },
    {
      on: 'live.matched',
      keys: [
        ['live', 'match'],
        ['live', 'channels'],
      ],
    },
    {
      on: 'live.single_matched',
      keys: [
        ['live', 'match'],
        ['live', 'channels'],
      ],
    },
    { on: 'live.streams_rehashed', keys: [['live', 'streams']] },
  ],
  welcome: [
    { name: 'source', title: 'welcome.source', order: 10, step: () => import('./WelcomeSource') },
    { name: 'guide', title: 'welcome.guide', order: 20, step: () => import('./WelcomeGuide') },
    { name: 'watch', title: 'welcome.watch', order: 30, step: () => import('./WelcomeWatch') },
  ],
  hits: {
    'live.channel': { label: 'live.hit.channel', icon: IconDeviceTv, path: (id) => `/live/channels?id=${id}` },
  },
}
