// Where things are in the guide. Times are unix seconds, places are pixels; nothing here knows the page.

export const ROW_PX = 60
export const HEAD_PX = 40
export const CHUNK_S = 4 * 3600 // one column of programmes, one question to the server
export const PAGE_ROWS = 40
export const DAY_S = 86_400
export const PAST_S = DAY_S // what was on yesterday can be replayed
export const SPAN_S = 15 * DAY_S
export const ZOOMS = [2, 3, 4, 6, 9] as const // pixels a minute

export interface Spanned {
  id: string
  start: number
  end: number
}

export interface View {
  firstRow: number
  lastRow: number
  firstChunk: number
  lastChunk: number
}

interface Window {
  left: number
  top: number
  width: number // of the part with programmes
  height: number
}

/** The left edge of the guide: a whole chunk, so that questions of two people are the same. */
export const originOf = (now: number): number => Math.floor((now - PAST_S) / CHUNK_S) * CHUNK_S

export const xOf = (time: number, origin: number, zoom: number): number => ((time - origin) / 60) * zoom
export const timeAt = (x: number, origin: number, zoom: number): number => origin + (x / zoom) * 60

/** The rows and columns that are seen, with a little around them; the same numbers again and again while little is scrolled. */
export function viewOf(window: Window, zoom: number, rows: number, around = 4): View {
  const chunkPx = (CHUNK_S / 60) * zoom
  const chunks = SPAN_S / CHUNK_S
  return {
    firstRow: Math.max(0, Math.floor(window.top / ROW_PX) - around),
    lastRow: Math.min(rows - 1, Math.ceil((window.top + window.height) / ROW_PX) + around),
    firstChunk: Math.max(0, Math.floor(window.left / chunkPx)),
    lastChunk: Math.min(chunks - 1, Math.floor((window.left + window.width) / chunkPx)),
  }
}

export const sameView = (a: View, b: View): boolean =>
  a.firstRow === b.firstRow && a.lastRow === b.lastRow && a.firstChunk === b.firstChunk && a.lastChunk === b.lastChunk

/** Place and width of a programme, cut to the columns that are drawn so that its words stay in sight; null outside. */
export function boxOf(
  programme: Spanned,
  from: number,
  to: number,
  origin: number,
  zoom: number,
): { left: number; width: number } | null {
  const start = Math.max(programme.start, from)
  const end = Math.min(programme.end, to)
  if (end <= start) return null
  const left = Math.round(xOf(start, origin, zoom))
  return { left, width: Math.max(2, Math.round(xOf(end, origin, zoom)) - left) }
}

/** Programmes of neighbouring chunks as one list: by start, each once. */
export function merge<T extends Spanned>(lists: readonly (readonly T[])[]): T[] {
  const byId = new Map<string, T>()
  for (const list of lists) for (const programme of list) byId.set(programme.id, programme)
  return [...byId.values()].sort((a, b) => a.start - b.start)
}

/** What is on at `time`; undefined in a gap. */
export function at<T extends Spanned>(programmes: readonly T[], time: number): T | undefined {
  return programmes.find((one) => one.start <= time && time < one.end)
}

/** Where an arrow leads: the place is a row and a moment, so it needs no programme to stand on. */
export function arrow(
  place: { row: number; time: number },
  key: string,
  current: Spanned | undefined,
  rows: number,
): { row: number; time: number } | null {
  const half = 1800
  if (key === 'ArrowUp') return { ...place, row: Math.max(0, place.row - 1) }
  if (key === 'ArrowDown') return { ...place, row: Math.min(rows - 1, place.row + 1) }
  if (key === 'ArrowRight') return { ...place, time: current ? current.end : place.time + half }
  if (key === 'ArrowLeft') return { ...place, time: current ? current.start - 1 : place.time - half }
  if (key === 'PageUp') return { ...place, row: Math.max(0, place.row - 8) }
  if (key === 'PageDown') return { ...place, row: Math.min(rows - 1, place.row + 8) }
  return null
}

/** The pages of rows and the chunks that a view needs. */
export function needed(view: View): { page: number; chunk: number }[] {
  const found: { page: number; chunk: number }[] = []
  for (let page = Math.floor(view.firstRow / PAGE_ROWS); page <= Math.floor(view.lastRow / PAGE_ROWS); page++)
    for (let chunk = view.firstChunk; chunk <= view.lastChunk; chunk++) found.push({ page, chunk })
  return found
}
