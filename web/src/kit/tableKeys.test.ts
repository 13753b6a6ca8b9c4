import { describe, expect, it } from 'vitest'
import { moveCell, nextEditable } from './tableKeys'
import { pagesOf } from './useOrdered'

const SIZE = { rows: 100, columns: 4, page: 10 }

describe('the keyboard in a table', () => {
  it('moves by cell and page and stops at the edges', () => {
    expect(moveCell({ row: 0, column: 0 }, 'ArrowUp', SIZE)).toEqual({ row: 0, column: 0 })
    expect(moveCell({ row: 95, column: 3 }, 'PageDown', SIZE)).toEqual({ row: 99, column: 3 })
    expect(moveCell({ row: 5, column: 3 }, 'End', SIZE)).toEqual({ row: 99, column: 3 })
    expect(moveCell({ row: 5, column: 3 }, 'x', SIZE)).toBeNull()
  })
  it('Tab goes to the next editable cell, over the end of the row', () => {
    const editable = [true, true, false, false]
    expect(nextEditable({ row: 0, column: 1 }, editable, 2, false)).toEqual({ row: 1, column: 0 })
    expect(nextEditable({ row: 1, column: 0 }, editable, 2, true)).toEqual({ row: 0, column: 1 })
    expect(nextEditable({ row: 1, column: 1 }, editable, 2, false)).toBeNull()
    expect(nextEditable({ row: 0, column: 0 }, [false, false], 2, false)).toBeNull()
  })
})

describe('the pages of a long list', () => {
  it('are those that the visible rows lie in', () => {
    expect(pagesOf(0, 30)).toEqual([0])
    expect(pagesOf(95, 205)).toEqual([0, 1, 2])
  })
})
