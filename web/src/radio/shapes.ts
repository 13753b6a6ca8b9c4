import { api, must, rowsOf } from '~/api/client'
import type { Answer } from '~/api/shapes'

export type Account = Answer<'/api/v1/broadcasters/{pk}/'>

export const ACCOUNTS = ['radio', 'accounts'] as const
export const STATIONS = ['radio', 'stations'] as const
export const MEGABYTE = 1_000_000

/** What the broadcaster API sends of a station, its channels, DJs and music, as far as the pages read it. */
export interface Server {
  id: number
  title: string
  slug: string
  state: number // 0 stopped, 1 no programme, 2 on air
  is_started?: boolean
  is_paused?: boolean
  timezone: string
}
export interface Channel {
  id: number
  server: number
  bitrate: string
  listeners: string
  listeners_current: number
  s_format: string
  state: number
  stream_url: string
  proxy_url_path: string
  traffic: string
}
export interface Dj {
  id: number
  name: string
  cat: string
  port: string | null
  password?: string
  connected: boolean
  on_air: boolean
}
export interface Track {
  id: number
  meta: string
  path: string
  length_formatted: string
}
export interface Playlist {
  id: number
  name: string
  tracks_num: number
  is_default: boolean
  on_air: boolean
}
export interface Played {
  id: number
  ts: number
  metadata: string
  dj_name: string
  n_listeners: number
}
export interface NowPlaying {
  is_online: boolean
  listeners: { total: number }
  live: { is_live: boolean; streamer_name: string }
  now_playing: { song: { text: string }; playlist: string } | null
}

export const accountsOf = async (search: string): Promise<readonly Account[]> =>
  rowsOf(await must(api.GET('/api/v1/broadcasters/', { params: { query: { search, ordering: 'username' } } })))

export const serversOf = async () => (await must(api.GET('/radio/api/v2/servers/'))) as unknown as readonly Server[]

export const channelsOf = async (server?: number) =>
  (await must(
    api.GET('/radio/api/v2/channels/', { params: { query: server ? { server } : {} } }),
  )) as unknown as readonly Channel[]

/** How an account is, as a coloured dot says it. */
export function levelOf(account: Pick<Account, 'account_status' | 'error'>): 'good' | 'warning' | 'bad' | 'info' {
  if (account.error) return 'bad'
  if (account.account_status === 2) return 'good'
  return account.account_status === 3 ? 'warning' : 'info'
}

/** Used and limit of something as its bar shows them; a limit of 0 is none. */
export function shareOf(used: number, limit: number): { used: number; limit: number | null } {
  return { used, limit: limit > 0 ? limit : null }
}

/** How a station is: a key of a string and a level. */
export function airOf(server: Pick<Server, 'state' | 'is_started' | 'is_paused'>): ['good' | 'warning' | 'info', string] {
  if (server.is_paused) return ['warning', 'radio.state.paused']
  if (server.state === 2) return ['good', 'radio.state.onair']
  if (server.state === 1) return ['warning', 'radio.state.silent']
  return ['info', 'radio.state.stopped']
}
