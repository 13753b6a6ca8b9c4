import type { Answer } from '~/api/shapes'

export type Transfer = Answer<'/polycast/v1/acquire/transfers'>['items'][number]
export type TreeRow = Answer<'/polycast/v1/acquire/tree'>['items'][number]
export type Account = Answer<'/polycast/v1/acquire/accounts'>['items'][number]
export type NewsServer = Answer<'/polycast/v1/acquire/servers'>['items'][number]
export type ArrRow = Answer<'/polycast/v1/acquire/arrs'>['items'][number]
export type Repair = Answer<'/polycast/v1/acquire/repair'>
export type Settings = Answer<'/polycast/v1/acquire/settings'>

export const TRANSFERS = ['acquire', 'transfers'] as const
export const TREE = ['acquire', 'tree'] as const
export const ACCOUNTS = ['acquire', 'accounts'] as const
export const SERVERS = ['acquire', 'servers'] as const
export const MOUNT = ['acquire', 'mount'] as const
export const ARRS = ['acquire', 'arrs'] as const
export const REPAIR = ['acquire', 'repair'] as const
export const SETTINGS = ['acquire', 'settings'] as const

export const PROVIDERS = ['realdebrid', 'alldebrid', 'debridlink', 'torbox', 'premiumize'] as const

/** How a transfer is, as a coloured dot says it. */
export function levelOf(row: Pick<Transfer, 'state' | 'is_bad' | 'error' | 'is_paused'>): 'good' | 'warning' | 'bad' | 'info' {
  if (row.state === 'failed' || row.state === 'missing' || row.is_bad) return 'bad'
  if (row.state === 'done') return 'good'
  return row.state === 'stalled' || row.error !== '' ? 'warning' : 'info'
}

/** The word for how it is: a key of a string. */
export function stateOf(row: Pick<Transfer, 'state' | 'is_paused'>): string {
  return row.is_paused && row.state !== 'done' ? 'acquire.state.paused' : `acquire.state.${row.state}`
}

/** The levels of the tree in an address: group, then folder. */
export function levelsOf(place: string): { group: string; folder: string } {
  const cut = place.indexOf('/')
  return cut < 0 ? { group: place, folder: '' } : { group: place.slice(0, cut), folder: place.slice(cut + 1) }
}
