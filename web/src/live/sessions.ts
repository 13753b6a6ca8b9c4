import type { QueryClient } from '@tanstack/react-query'
import { type LiveSession, SESSIONS, type Sessions } from './shapes'

const KEPT = 120 // points of a card's curve

/** The rates of the running channels since this page is open; a chart needs more than the last value. */
const rates = new Map<string, { at: number[]; bps: number[] }>()
const NOTHING = { at: [], bps: [] }

export const rateOf = (uuid: string): { at: readonly number[]; bps: readonly number[] } => rates.get(uuid) ?? NOTHING

export function withPoint<T extends { at: number[]; bps: number[] }>(
  before: T,
  at: number,
  bps: number,
): { at: number[]; bps: number[] } {
  return { at: [...before.at, at].slice(-KEPT), bps: [...before.bps, bps].slice(-KEPT) }
}

export function withSession(items: readonly LiveSession[], session: LiveSession): LiveSession[] {
  const at = items.findIndex((one) => one.uuid === session.uuid)
  return at < 0 ? [...items, session] : items.map((one, index) => (index === at ? session : one))
}

export function patchSession(cache: QueryClient, body: unknown): void {
  const { session } = body as { session: LiveSession }
  rates.set(session.uuid, withPoint(rates.get(session.uuid) ?? NOTHING, Date.now() / 1000, session.rate_bps))
  cache.setQueryData<Sessions>(SESSIONS, (now) => now && { ...now, items: withSession(now.items, session) })
}

export function dropSession(cache: QueryClient, body: unknown): void {
  const { uuid } = body as { uuid: string }
  rates.delete(uuid)
  cache.setQueryData<Sessions>(SESSIONS, (now) => now && { ...now, items: now.items.filter((one) => one.uuid !== uuid) })
}
