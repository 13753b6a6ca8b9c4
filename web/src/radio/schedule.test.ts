import { describe, expect, it } from 'vitest'
import { minuteOfWeek, mondayOf, movedTo, type Occurrence, slotOf } from './schedule'

const ZONE = 'Europe/Berlin'
const MONDAY = Date.UTC(2026, 5, 7, 22) // Monday, 8 June 2026, 00:00 in Berlin
const at = (day: number, hour: number) => MONDAY + (day * 24 + hour) * 3_600_000
const event: Occurrence = {
  id: 1,
  parent_id: null,
  name: 'Show',
  periodicity: 'periodic',
  cast_type: 'playlist',
  break_track: true,
  start_date: null,
  start_time: '08:00:00',
  finish_time: null,
  playlist: 1,
  rotation: null,
  dj: null,
  color: '',
  timezone: ZONE,
  start_ts: at(2, 8),
  end_ts: at(2, 10),
  wd_mon: true,
  wd_tue: false,
  wd_wed: true,
  wd_thu: false,
  wd_fri: false,
  wd_sat: false,
  wd_sun: false,
}

describe('a week', () => {
  it('begins on Monday on the clock of the station', () => {
    expect(minuteOfWeek(MONDAY, ZONE)).toBe(0)
    expect(mondayOf(at(6, 23.5), ZONE)).toBe(MONDAY)
    expect(mondayOf(MONDAY, ZONE)).toBe(MONDAY)
  })
  it('shows an event where it is, and no longer than the week', () => {
    expect(slotOf(event, MONDAY, ZONE)).toEqual({ start: 2 * 1440 + 480, end: 2 * 1440 + 600 })
    expect(slotOf({ start_ts: at(-1, 23), end_ts: at(0, 6) }, MONDAY, ZONE)).toEqual({ start: 0, end: 360 })
    expect(slotOf({ ...event, end_ts: null }, MONDAY, ZONE).end).toBe(7 * 1440)
  })
})

describe('an event that is moved', () => {
  it('keeps its other days', () => {
    const moved = movedTo(event, { start: 3 * 1440 + 540, end: 3 * 1440 + 660 }, MONDAY, ZONE)
    expect(moved).toMatchObject({ start_time: '09:00:00', wd_mon: true, wd_wed: false, wd_thu: true })
  })
  it('of one day gets another date', () => {
    const once: Occurrence = { ...event, periodicity: 'onetime', start_date: '2026-06-10' }
    const moved = movedTo(once, { start: 6 * 1440, end: 6 * 1440 + 60 }, MONDAY, ZONE)
    expect(moved).toEqual({ start_time: '00:00:00', start_date: '2026-06-14' })
  })
  it('is a show with an end of its own', () => {
    const show: Occurrence = { ...event, cast_type: 'radioshow', finish_time: '10:00:00' }
    expect(movedTo(show, { start: 2 * 1440 + 480, end: 2 * 1440 + 690 }, MONDAY, ZONE)).toEqual({
      start_time: '08:00:00',
      finish_time: '11:30:00',
    })
  })
})
