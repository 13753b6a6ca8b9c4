import { describe, expect, it } from 'vitest'
import { editOf } from './BulkEdit'
import { withOnAir } from './onAir'
import { filled, wordsOf } from './outputs'
import { withPoint, withSession } from './sessions'
import type { LiveSession } from './shapes'
import { levelOf, nameFrom } from './sources'

const TYPED = { group: 'keep', enabled: 'keep', adult: 'keep', find: '', replace: '', field: 'name', ignoreCase: false } as const

describe('a bulk edit', () => {
  it('sends only what was touched', () => {
    expect(editOf([1, 2], TYPED)).toBeNull()
    expect(editOf([1, 2], { ...TYPED, enabled: 'no' })).toEqual({ ids: [1, 2], set: { enabled: false } })
    expect(editOf([1], { ...TYPED, find: '^UK: ' })).toEqual({
      ids: [1],
      find: '^UK: ',
      replace: '',
      field: 'name',
      ignore_case: false,
    })
  })
})

describe('an address for a player', () => {
  it('takes the password in, spelled for an address', () => {
    expect(filled('/get.php?password={password}', 'a b&c')).toBe('/get.php?password=a%20b%26c')
  })
  it('is told apart from the one of the home network', () => {
    expect(wordsOf({ kind: 'm3u', needs_password: true })).toBe('outputs.m3u')
    expect(wordsOf({ kind: 'm3u', needs_password: false })).toBe('outputs.m3u.home')
    expect(wordsOf({ kind: 'hdhr', needs_password: false })).toBe('outputs.hdhr')
  })
  it('hides the place while there is none', () => {
    expect(filled('/get.php?password={password}', '')).not.toContain('{')
  })
})

describe('a running channel', () => {
  it('is put in place, a new one last', () => {
    const one = (uuid: string, rate_bps: number) => ({ uuid, rate_bps }) as LiveSession
    expect(withSession([one('a', 1), one('b', 1)], one('b', 2)).map((item) => item.rate_bps)).toEqual([1, 2])
    expect(withSession([one('a', 1)], one('c', 3))).toHaveLength(2)
  })
  it('keeps two minutes of its curve', () => {
    let points: { at: number[]; bps: number[] } = { at: [], bps: [] }
    for (let at = 0; at < 300; at++) points = withPoint(points, at, at)
    expect(points.at).toHaveLength(120)
    expect(points.bps.at(-1)).toBe(299)
  })
})

describe('what is on air', () => {
  const news = { channel_id: 1, state: 'playing', viewers: 1 }
  it('has each channel once, as it was told last', () => {
    expect(withOnAir([news], { ...news, viewers: 2 })).toEqual([{ ...news, viewers: 2 }])
    expect(withOnAir([news], { ...news, channel_id: 2 })).toHaveLength(2)
  })
  it('lets go of what has ended', () => {
    expect(withOnAir([news], { ...news, state: 'ended', viewers: 0 })).toEqual([])
  })
})

describe('a source', () => {
  it('has a colour by its state', () => {
    expect(levelOf({ status: 'error', is_active: true })).toBe('bad')
    expect(levelOf({ status: 'success', is_active: false })).toBe('off')
  })
  it('without a name is called as its host', () => {
    expect(nameFrom('https://www.example.org/a.m3u')).toBe('example.org')
    expect(nameFrom('not an address')).toBe('')
  })
})
