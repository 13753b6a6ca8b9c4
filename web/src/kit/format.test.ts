import { describe, expect, it } from 'vitest'
import { bits, bytes, clip, clockLength, human, relative, remaining } from './format'
import { pseudo, tableOf } from './strings'

const NOW = Date.UTC(2026, 10, 21, 12)

describe('figures for people', () => {
  it('show three digits that count', () => {
    expect(bytes(1_530_000, 'en-GB')).toBe('1.53 MB')
    expect(bytes(999_600, 'en-GB')).toBe('1 MB')
    expect(bits(6_210_000, 'de')).toBe('6,21 Mbit/s')
    expect(human(0, 'B', 'en-GB')).toBe('0 B')
    expect(human(512, 'B', 'en-GB')).toBe('512 B')
  })
  it('tell lengths as a clock does', () => {
    expect(clockLength(3723)).toBe('1:02:03')
    expect(clockLength(63)).toBe('1:03')
    expect(clockLength(-5)).toBe('0:00')
  })
})

describe('times for people', () => {
  it('are relative, in the largest unit that fits', () => {
    expect(relative(NOW - 20_000, NOW, 'en-GB')).toBe('now')
    expect(relative(NOW - 180_000, NOW, 'en-GB')).toBe('3 minutes ago')
    expect(relative(NOW + 2 * 86_400_000, NOW, 'en-GB')).toBe('in 2 days')
    expect(relative(NOW - 50_000, NOW, 'en-GB')).toBe('1 minute ago')
  })
  it('tell what is left of a job, when it can be told', () => {
    expect(remaining(25, 100, NOW - 10_000, NOW)).toBe(30)
    expect(remaining(0, 100, NOW - 10_000, NOW)).toBeNull()
    expect(remaining(5, null, NOW - 10_000, NOW)).toBeNull()
  })
})

describe('a name of 200 kB', () => {
  it('is cut before it reaches the page', () => {
    expect(clip('x'.repeat(200_000))).toHaveLength(301)
  })
})

describe('the languages', () => {
  it('have a made-up one that keeps placeholders', () => {
    expect(pseudo('Move {{count}} rows')).toContain('{{count}}')
    expect(pseudo('Move')).not.toContain('Move')
  })
  it('are told apart', () => {
    const strings = { a: ['one', 'eins'] } as const
    expect(tableOf(strings, 'de').a).toBe('eins')
    expect(tableOf(strings, 'en').a).toBe('one')
  })
})
