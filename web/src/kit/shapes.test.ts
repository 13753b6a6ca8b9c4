import { describe, expect, it } from 'vitest'
import { accepts } from './FileDrop'
import { flatten, treeKey } from './treeRows'
import { DAY_MIN, layWeek, moved, piecesOf, resized, WEEK_MIN } from './week'

describe('a week of slots', () => {
  it('cuts what passes midnight, and Sunday night goes on on Monday', () => {
    expect(piecesOf({ start: 23 * 60, end: 25 * 60 })).toEqual([
      { day: 0, from: 1380, to: 1440 },
      { day: 1, from: 0, to: 60 },
    ])
    expect(piecesOf({ start: WEEK_MIN - 30, end: WEEK_MIN + 30 }).map((one) => one.day)).toEqual([6, 0])
  })
  it('puts what overlaps side by side, and what does not at full width', () => {
    const laid = layWeek([
      { start: 0, end: 120 },
      { start: 60, end: 180 },
      { start: 120, end: 150 },
      { start: 300, end: 360 },
    ])
    expect(laid.map(({ piece }) => [piece.lane, piece.lanes])).toEqual([
      [0, 2],
      [1, 2],
      [0, 2],
      [0, 1],
    ])
  })
  it('is a circle for what is moved, and keeps what is resized between its bounds', () => {
    expect(moved({ start: 30, end: 90 }, -60)).toEqual({ start: WEEK_MIN - 30, end: WEEK_MIN + 30 })
    expect(resized({ start: 0, end: 60 }, -100, 15)).toEqual({ start: 0, end: 15 })
    expect(resized({ start: 0, end: 60 }, 9 * DAY_MIN, 15)).toEqual({ start: 0, end: DAY_MIN })
  })
})

describe('a tree', () => {
  const children: Readonly<Record<string, string[]>> = { a: ['a/1', 'a/b'], 'a/b': ['a/b/2'] }
  const shape = {
    idOf: (node: string) => node,
    isFolder: (node: string) => node in children || node === 'slow',
    childrenOf: (id: string) => children[id],
  }
  const rows = flatten(['a', 'slow', 'z'], new Set(['a', 'slow']), shape)
  it('lies flat, with what is open below its folder', () => {
    expect(rows.map((row) => [row.id, row.depth, row.state])).toEqual([
      ['a', 0, 'open'],
      ['a/1', 1, 'leaf'],
      ['a/b', 1, 'closed'],
      ['slow', 0, 'loading'],
      ['z', 0, 'leaf'],
    ])
  })
  it('is walked with arrows', () => {
    expect(treeKey(rows, 2, 'ArrowRight')).toEqual({ open: 'a/b' })
    expect(treeKey(rows, 2, 'ArrowLeft')).toEqual({ to: 0 })
    expect(treeKey(rows, 0, 'ArrowLeft')).toEqual({ close: 'a' })
    expect(treeKey(rows, 4, 'ArrowDown')).toEqual({ to: 4 })
    expect(treeKey(rows, 0, 'x')).toBeNull()
  })
})

describe('a dropped file', () => {
  it('is judged by its ending or its kind', () => {
    const file = { name: 'Big.TORRENT', type: 'application/x-bittorrent' }
    expect(accepts(file, '.torrent,.nzb')).toBe(true)
    expect(accepts(file, 'image/*')).toBe(false)
    expect(accepts({ name: 'a.png', type: 'image/png' }, 'image/*')).toBe(true)
    expect(accepts(file)).toBe(true)
  })
})
