import { describe, expect, it } from 'vitest'
import { airOf, levelOf, shareOf } from './shapes'

describe('an account', () => {
  it('that could not be made is bad, a silent one a warning', () => {
    expect(levelOf({ account_status: 2, error: '' })).toBe('good')
    expect(levelOf({ account_status: 3, error: '' })).toBe('warning')
    expect(levelOf({ account_status: 0, error: 'no ports' })).toBe('bad')
    expect(levelOf({ account_status: 1, error: '' })).toBe('info')
  })
  it('without a limit has no end of its bar', () => {
    expect(shareOf(7, 0)).toEqual({ used: 7, limit: null })
    expect(shareOf(7, 10)).toEqual({ used: 7, limit: 10 })
  })
})

describe('a station', () => {
  it('says whether it is heard', () => {
    expect(airOf({ state: 2 })[1]).toBe('radio.state.onair')
    expect(airOf({ state: 2, is_paused: true })[1]).toBe('radio.state.paused')
    expect(airOf({ state: 1 })[0]).toBe('warning')
    expect(airOf({ state: 0 })[0]).toBe('info')
  })
})
