// The maths of a week of appointments: minutes since Monday 00:00, in the wall clock of whoever keeps the schedule.

export const DAY_MIN = 1_440
export const WEEK_MIN = 7 * DAY_MIN

export interface Slot {
  start: number // minutes since Monday 00:00
  end: number // behind `start`; may lie beyond the end of the week, then it goes on on Monday
}

export interface Piece {
  day: number // 0 is Monday
  from: number // minutes of that day
  to: number
  lane: number // side by side when they overlap
  lanes: number
}

/** A slot as pieces of days: one that passes midnight, or the end of the week, is cut there. */
export function piecesOf({ start, end }: Slot): { day: number; from: number; to: number }[] {
  const pieces: { day: number; from: number; to: number }[] = []
  for (let at = start; at < end; ) {
    const stop = Math.min(end, (Math.floor(at / DAY_MIN) + 1) * DAY_MIN)
    const from = at % DAY_MIN
    pieces.push({ day: Math.floor(at / DAY_MIN) % 7, from, to: from + (stop - at) })
    at = stop
  }
  return pieces
}

/** The pieces of all slots with their lanes: those that overlap stand side by side, each as wide as its crowd allows. */
export function layWeek<T extends Slot>(slots: readonly T[]): { slot: T; piece: Piece }[] {
  const all = slots.flatMap((slot) => piecesOf(slot).map((piece) => ({ slot, piece: { ...piece, lane: 0, lanes: 1 } })))
  all.sort((a, b) => a.piece.day - b.piece.day || a.piece.from - b.piece.from || b.piece.to - a.piece.to)
  let crowd: typeof all = []
  let ends: number[] = []
  const settle = () => {
    for (const one of crowd) one.piece.lanes = ends.length
    crowd = []
    ends = []
  }
  let day = -1
  for (const one of all) {
    const { piece } = one
    if (piece.day !== day || ends.every((end) => end <= piece.from)) settle()
    day = piece.day
    const free = ends.findIndex((end) => end <= piece.from)
    piece.lane = free < 0 ? ends.length : free
    ends[piece.lane] = piece.to
    crowd.push(one)
  }
  settle()
  return all
}

/** `slot` moved by whole steps, within the week as a circle. */
export function moved(slot: Slot, minutes: number): Slot {
  const start = (((slot.start + minutes) % WEEK_MIN) + WEEK_MIN) % WEEK_MIN
  return { start, end: start + slot.end - slot.start }
}

/** `slot` made longer or shorter; never under `least`, never over a day. */
export function resized(slot: Slot, minutes: number, least: number): Slot {
  return { start: slot.start, end: slot.start + Math.min(DAY_MIN, Math.max(least, slot.end - slot.start + minutes)) }
}
