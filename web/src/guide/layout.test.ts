import { describe, expect, it } from 'vitest'
import { arrow, at, boxOf, CHUNK_S, merge, needed, originOf, ROW_PX, sameView, timeAt, viewOf, xOf } from './layout'

const NOW = 1_795_262_400
const ORIGIN = originOf(NOW)
const show = (id: string, start: number, minutes: number) => ({ id, start, end: start + minutes * 60 })

describe('the guide on the screen', () => {
  it('begins at a whole chunk, so that two people ask the same', () => {
    expect(ORIGIN % CHUNK_S).toBe(0)
    expect(originOf(NOW + 60)).toBe(ORIGIN)
  })
  it('turns times into places and back', () => {
    expect(timeAt(xOf(NOW, ORIGIN, 4), ORIGIN, 4)).toBe(NOW)
  })
  it('needs few rows and columns of 10,000 x 14 days', () => {
    const view = viewOf({ left: 40_000, top: 300_000, width: 1_200, height: 800 }, 4, 10_000)
    expect(view.lastRow - view.firstRow).toBeLessThan(24)
    expect(view.lastChunk - view.firstChunk).toBeLessThanOrEqual(2)
    expect(needed(view).length).toBeLessThanOrEqual(6)
    const again = viewOf({ left: 40_001, top: 300_001, width: 1_200, height: 800 }, 4, 10_000)
    expect(sameView(view, again)).toBe(true)
  })
  it('stays inside at the end', () => {
    const view = viewOf({ left: 1e9, top: 10_000 * ROW_PX, width: 1_200, height: 800 }, 4, 10_000)
    expect(view.lastRow).toBe(9_999)
  })
})

describe('a programme', () => {
  it('is cut to the columns that are drawn', () => {
    const long = show('a', ORIGIN, 24 * 60)
    expect(boxOf(long, ORIGIN + CHUNK_S, ORIGIN + 2 * CHUNK_S, ORIGIN, 4)).toEqual({ left: 960, width: 960 })
    expect(boxOf(show('b', ORIGIN, 30), ORIGIN + CHUNK_S, ORIGIN + 2 * CHUNK_S, ORIGIN, 4)).toBeNull()
  })
  it('that two chunks know appears once', () => {
    const both = show('b', ORIGIN + 3600, 300)
    expect(merge([[show('a', ORIGIN, 60), both], [both]]).map((one) => one.id)).toEqual(['a', 'b'])
  })
  it('is found by a moment; a gap holds none', () => {
    const list = [show('a', 0, 30), show('b', 3600, 30)]
    expect(at(list, 1799)?.id).toBe('a')
    expect(at(list, 1800)).toBeUndefined()
  })
})

describe('the arrows', () => {
  const place = { row: 3, time: 1000 }
  it('keep the moment when they change the row', () => {
    expect(arrow(place, 'ArrowDown', undefined, 10)).toEqual({ row: 4, time: 1000 })
    expect(arrow({ row: 9, time: 1 }, 'ArrowDown', undefined, 10)?.row).toBe(9)
  })
  it('go to the neighbour in time, and through gaps by half an hour', () => {
    expect(arrow(place, 'ArrowRight', show('a', 0, 30), 10)?.time).toBe(1800)
    expect(arrow(place, 'ArrowLeft', show('a', 600, 30), 10)?.time).toBe(599)
    expect(arrow(place, 'ArrowRight', undefined, 10)?.time).toBe(2800)
  })
})
