import { api, must } from '~/api/client'

export interface Span {
  date1: string
  date2: string
}
export interface Total {
  name: string
  sessions: number
  unique: number
  listening_hours: number
  traffic: number
}
export interface Summary extends Omit<Total, 'name'> {
  listeners: number
  listeners_peak: number
}
export interface Counted {
  at: string // "2026-11-21 14:00", "2026-11-21", on the station's clock
  average: number
  peak: number
}
export interface Heard {
  id: number
  meta: string
  plays: number
}
export interface Listener {
  id: number
  ip: string
  agent: string
  player: string
  since: number
  bytes: number
}

/** The last so many days, today included, on the clock of `zone`. */
export function daysBack(days: number, now: number, zone: string): Span {
  const form = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
  return { date1: form.format(now - (days - 1) * 86_400_000), date2: form.format(now) }
}

/** A station's clock as if it were ours: charts show the hours as the station counts them. */
export const secondsOf = (at: string): number => new Date(at.length > 10 ? at.replace(' ', 'T') : `${at}T00:00`).getTime() / 1000

export async function figuresOf(pk: number, span: Span, hourly: boolean) {
  const params = { query: { server: pk, ...span } }
  const curves = hourly
    ? must(api.GET('/radio/api/v2/stats/hourly/', { params }))
    : must(api.GET('/radio/api/v2/stats/daily/', { params }))
  const [summary, curve, countries, players, tracks] = await Promise.all([
    must(api.GET('/radio/api/v2/stats/summary/', { params })),
    curves,
    must(api.GET('/radio/api/v2/stats/countries/', { params })),
    must(api.GET('/radio/api/v2/stats/players/', { params })),
    must(api.GET('/radio/api/v2/track_stats/', { params })),
  ])
  return {
    summary: summary as unknown as Summary,
    curve: curve as unknown as readonly Counted[],
    countries: countries as unknown as readonly Total[],
    players: players as unknown as readonly Total[],
    tracks: (tracks as unknown as readonly Heard[]).filter((one) => one.plays > 0),
  }
}

export const listenersOf = async (pk: number) =>
  (await must(api.GET('/radio/api/v2/listeners/', { params: { query: { server: pk } } }))) as unknown as readonly Listener[]
