import { api, must } from '~/api/client'
import { DAY_MIN, type Slot } from '~/kit/week'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]
export type Cast = 'playlist' | 'radioshow' | 'relay' | 'rotation'

/** An event of the grid at one of its times, as the API sends it. */
export interface Occurrence extends Record<`wd_${Weekday}`, boolean> {
  id: number | null // null: what follows a show
  parent_id: number | null
  name: string
  periodicity: 'onetime' | 'periodic'
  cast_type: Cast
  break_track: boolean
  start_date: string | null
  start_time: string
  finish_time: string | null
  playlist: number | null
  rotation: number | null
  dj: number | null
  color: string
  timezone: string
  start_ts: number // ms UTC
  end_ts: number | null
}

/** Something that can be put on: a playlist, a rotation, a relay. */
export interface Choice {
  value: string
  label: string
}

const WEEK_MS = 7 * DAY_MIN * 60_000
const NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Minutes since Monday 00:00 of a moment, on the clock of `zone`. */
export function minuteOfWeek(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return NAMES.indexOf(of('weekday')) * DAY_MIN + Number(of('hour')) * 60 + Number(of('minute'))
}

/** The Monday before (or at) a moment on the clock of `zone`, as an instant: good to the minute, except in a night that the clock changes. */
export function mondayOf(at: number, zone: string): number {
  const minute = at - (at % 60_000)
  return minute - minuteOfWeek(minute, zone) * 60_000
}

/** Where an event stands in the week that begins at `monday`; what lasts into the next one ends with it. */
export function slotOf(one: Pick<Occurrence, 'start_ts' | 'end_ts'>, monday: number, zone: string): Slot {
  // What began before this week is on from its first minute.
  const start = one.start_ts < monday ? 0 : minuteOfWeek(one.start_ts, zone)
  const began = Math.max(one.start_ts, monday)
  const end = Math.min(one.end_ts ?? monday + WEEK_MS, monday + WEEK_MS)
  return { start, end: Math.max(start + 15, start + Math.round((end - began) / 60_000)) }
}

export const timeOf = (minutes: number): string =>
  `${String(Math.floor((minutes % DAY_MIN) / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`

/** What changes when an occurrence is moved to another place of the week that begins at `monday`. */
export function movedTo(one: Occurrence, to: Slot, monday: number, zone: string): Record<string, unknown> {
  const from = Math.floor(minuteOfWeek(one.start_ts, zone) / DAY_MIN)
  const day = Math.floor(to.start / DAY_MIN)
  const changes: Record<string, unknown> = { start_time: timeOf(to.start) }
  if (one.cast_type === 'radioshow' && one.finish_time) changes.finish_time = timeOf(to.end)
  if (one.periodicity === 'onetime') {
    const noon = monday + (day * DAY_MIN + DAY_MIN / 2) * 60_000
    changes.start_date = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(noon)
  } else if (day !== from) {
    WEEKDAYS.forEach((name, index) => {
      changes[`wd_${name}`] = index === day || (index !== from && one[`wd_${name}`])
    })
  }
  return changes
}

/** What is on in a week; what began the day before, too, when it is still on. */
export async function weekOf(pk: number, monday: number): Promise<readonly Occurrence[]> {
  const query = { server: pk, start_ts: monday - DAY_MIN * 60_000, end_ts: monday + WEEK_MS - 1 }
  const rows = (await must(api.GET('/radio/api/v2/grid/', { params: { query } }))) as unknown as readonly Occurrence[]
  return rows.filter((one) => (one.end_ts ?? monday + WEEK_MS) > monday)
}

type Named = readonly { id: number; name: string }[]
const choices = (rows: Named): Choice[] => rows.map((one) => ({ value: String(one.id), label: one.name }))

/** Everything that a station can put on. */
export async function choicesOf(pk: number): Promise<Record<'playlist' | 'rotation' | 'dj', readonly Choice[]>> {
  const params = { query: { server: pk } }
  const [playlists, rotations, relays] = await Promise.all([
    must(api.GET('/radio/api/v2/playlists/', { params })),
    must(api.GET('/radio/api/v2/rotations/', { params })),
    must(api.GET('/radio/api/v2/relays/', { params })),
  ])
  return {
    playlist: choices(playlists as unknown as Named),
    rotation: choices(rotations as unknown as Named),
    dj: choices(relays as unknown as Named),
  }
}
