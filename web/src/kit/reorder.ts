/** What tells rows apart: a number or a text, as the server has it. */
export type RowId = number | string

// The maths of moving rows, the same as the server's, so that a drag shows its result at once.

/** `order` with `ids` (in the order they have in it) right behind `afterId`; null means first. */
export function moveRows<K extends RowId>(order: readonly K[], ids: ReadonlySet<K>, afterId: K | null): K[] {
  const moving = order.filter((id) => ids.has(id))
  const staying = order.filter((id) => !ids.has(id))
  if (afterId === null) return [...moving, ...staying]
  const at = ids.has(afterId) ? anchorBefore(order, ids, afterId, staying) : staying.indexOf(afterId)
  return [...staying.slice(0, at + 1), ...moving, ...staying.slice(at + 1)]
}

/** Dropped on a row that moves itself: behind the last staying row above it. */
function anchorBefore<K extends RowId>(order: readonly K[], ids: ReadonlySet<K>, afterId: K, staying: readonly K[]): number {
  for (let index = order.indexOf(afterId); index >= 0; index--) {
    const id = order[index]
    if (id !== undefined && !ids.has(id)) return staying.indexOf(id)
  }
  return -1
}

/** The row that `ids` would follow after one step up or down; undefined when they are at the end already. */
export function stepAnchor<K extends RowId>(order: readonly K[], ids: ReadonlySet<K>, step: 1 | -1): K | null | undefined {
  const places = order.flatMap((id, index) => (ids.has(id) ? [index] : []))
  const first = places[0]
  const last = places.at(-1)
  if (first === undefined || last === undefined) return undefined
  if (step < 0) return first === 0 ? undefined : (order[first - 2] ?? null)
  return order[last + 1]
}

/** The numbers of the touched span, dealt out again from the top: the place keeps its number, the row gets that of its place. */
export function dealNumbers(
  before: readonly number[],
  after: readonly number[],
  numberOf: (id: number) => string | null,
): Map<number, string | null> {
  const dealt = new Map<number, string | null>()
  for (const [index, id] of after.entries()) {
    const was = before[index]
    if (was !== undefined && was !== id) dealt.set(id, numberOf(was))
  }
  return dealt
}

/** The ids between two rows, both ends included: what Shift selects. */
export function between<K extends RowId>(order: readonly K[], from: K, to: K): K[] {
  const a = order.indexOf(from)
  const b = order.indexOf(to)
  if (a < 0 || b < 0) return [to]
  return order.slice(Math.min(a, b), Math.max(a, b) + 1)
}
