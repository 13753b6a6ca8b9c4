import { describe, expect, it } from 'vitest'
import { between, dealNumbers, moveRows, stepAnchor } from './reorder'

const ORDER = [1, 2, 3, 4, 5, 6]

describe('rows are moved', () => {
  it('behind another row, in the order they had', () => {
    expect(moveRows(ORDER, new Set([5, 2]), 3)).toEqual([1, 3, 2, 5, 4, 6])
  })
  it('to the very beginning', () => {
    expect(moveRows(ORDER, new Set([6]), null)).toEqual([6, 1, 2, 3, 4, 5])
  })
  it('stay together when dropped on one of themselves', () => {
    expect(moveRows(ORDER, new Set([3, 5]), 5)).toEqual([1, 2, 4, 3, 5, 6])
    expect(moveRows(ORDER, new Set([1, 3]), 1)).toEqual([1, 3, 2, 4, 5, 6])
  })
  it('500 of 10,000 keep every row exactly once', () => {
    const order = Array.from({ length: 10_000 }, (_, index) => index)
    const moved = moveRows(order, new Set(order.filter((id) => id % 20 === 0)), 7_777)
    expect(new Set(moved).size).toBe(10_000)
    expect(moved.indexOf(0)).toBe(moved.indexOf(7_777) + 1)
  })
})

describe('one step with the keyboard', () => {
  it('leads up and down by one row', () => {
    expect(moveRows(ORDER, new Set([3]), stepAnchor(ORDER, new Set([3]), -1) ?? null)).toEqual([1, 3, 2, 4, 5, 6])
    expect(moveRows(ORDER, new Set([3]), stepAnchor(ORDER, new Set([3]), 1) ?? null)).toEqual([1, 2, 4, 3, 5, 6])
    expect(stepAnchor(ORDER, new Set([2]), -1)).toBeNull()
  })
  it('goes nowhere at the ends', () => {
    expect(stepAnchor(ORDER, new Set([1]), -1)).toBeUndefined()
    expect(stepAnchor(ORDER, new Set([6]), 1)).toBeUndefined()
  })
})

describe('numbers after a move', () => {
  it('stay with their places; rows outside the span keep theirs', () => {
    const numbers = new Map([
      [1, '1'],
      [2, '2'],
      [3, '2.1'],
      [4, '7'],
      [5, null],
      [6, '9'],
    ])
    const dealt = dealNumbers(ORDER, moveRows(ORDER, new Set([4]), 1), (id) => numbers.get(id) ?? null)
    expect(Object.fromEntries(dealt)).toEqual({ 2: '2.1', 3: '7', 4: '2' })
  })
})

describe('Shift', () => {
  it('selects from one row to the other, in either direction', () => {
    expect(between(ORDER, 4, 2)).toEqual([2, 3, 4])
    expect(between(ORDER, 99, 2)).toEqual([2])
  })
})
