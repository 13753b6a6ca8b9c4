import { describe, expect, it } from 'vitest'
import { nearest } from './arrows'

const box = (left: number, top: number, width = 100, height = 50) => ({ left, top, right: left + width, bottom: top + height })

describe('four arrows', () => {
  // Two rows of three, and a rail at the left.
  const boxes = [box(200, 0), box(320, 0), box(440, 0), box(200, 80), box(320, 80), box(440, 80), box(0, 0, 120, 40)]
  const from = boxes[1] ?? box(0, 0)
  const go = (key: string) =>
    nearest(
      from,
      boxes.map((one) => (one === from ? box(9_999, 9_999, 0, 0) : one)),
      key,
    )
  it('lead to what lies there', () => {
    expect([go('ArrowLeft'), go('ArrowRight'), go('ArrowDown')]).toEqual([0, 2, 4])
  })
  it('lead nowhere when nothing lies there', () => {
    expect(nearest(from, boxes.slice(0, 3), 'ArrowUp')).toBe(-1)
    expect(nearest(from, [], 'ArrowDown')).toBe(-1)
  })
  it('prefer straight on over near and aside', () => {
    expect(nearest(box(200, 0), [box(320, 300), box(500, 10)], 'ArrowRight')).toBe(1)
  })
})
