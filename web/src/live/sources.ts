import { api, must } from '~/api/client'
import type { Source } from './shapes'

const GUIDES: ReadonlySet<Source['kind']> = new Set(['guide', 'dummy', 'schedules_direct'])

export const isGuide = (source: Pick<Source, 'kind'>): boolean => GUIDES.has(source.kind)

/** The locked account for hand-made streams shows once there are some. */
export const isHidden = (source: Pick<Source, 'locked' | 'streams'>): boolean => source.locked && source.streams === 0

export function levelOf(source: Pick<Source, 'status' | 'is_active'>): string {
  if (!source.is_active || source.status === 'disabled') return 'off'
  if (source.status === 'error') return 'bad'
  if (source.status === 'success') return 'good'
  return source.status === 'pending_setup' ? 'warning' : 'info'
}

export async function refreshSource(source: Pick<Source, 'id' | 'kind'>): Promise<void> {
  if (isGuide(source)) await must(api.POST('/api/epg/import/', { body: { id: source.id, force: true } }))
  else await must(api.POST('/api/m3u/refresh/{account_id}/', { params: { path: { account_id: source.id } } }))
}

export async function removeSource(source: Pick<Source, 'id' | 'kind'>): Promise<void> {
  if (isGuide(source)) await must(api.DELETE('/api/epg/sources/{source_id}/', { params: { path: { source_id: source.id } } }))
  else await must(api.DELETE('/api/m3u/accounts/{account_id}/', { params: { path: { account_id: source.id } } }))
}

/** What is typed for a new source. */
export interface NewSource {
  kind: 'playlist' | 'xtream' | 'guide'
  name: string
  url: string
  username: string
  password: string
  refresh_hours: number
}

/** Adds a source and starts its first import; answers its ref. */
export async function addSource(source: NewSource): Promise<string> {
  const { kind, name, url, username, password, refresh_hours } = source
  if (kind === 'guide') {
    const made = await must(
      api.POST('/api/epg/sources/', {
        body: { name, url, source_type: 'xmltv', refresh_interval: refresh_hours, is_active: true },
      }),
    )
    await must(api.POST('/api/epg/import/', { body: { id: made.id } }))
    return `epg:${made.id}`
  }
  const login = kind === 'xtream' ? { username, password } : {}
  const made = await must(
    api.POST('/api/m3u/accounts/', {
      body: {
        name,
        server_url: url,
        account_type: kind === 'xtream' ? 'XC' : 'STD',
        refresh_interval: refresh_hours,
        is_active: true,
        ...login,
      },
    }),
  )
  return `m3u:${made.id}`
}

/** A name for a source nobody has named yet: the host of its address. */
export function nameFrom(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, '')
  } catch {
    return ''
  }
}
