import { describe, expect, it } from 'vitest'
import { draftOf, found, MASK, sentOf } from './settings'

describe('a setting as it is typed', () => {
  it('comes back as what it was', () => {
    expect(sentOf('list', draftOf({ kind: 'list', value: ['UK:', 'US:'] }))).toEqual(['UK:', 'US:'])
    expect(sentOf('int', draftOf({ kind: 'int', value: 8000 }))).toBe(8000)
    expect(sentOf('bool', draftOf({ kind: 'bool', value: true }))).toBe(true)
  })
  it('knows a decimal comma, and sends what is no number as it is', () => {
    expect(sentOf('float', '1,5')).toBe(1.5)
    expect(sentOf('int', 'many')).toBe('many')
    expect(sentOf('int', '')).toBeNull()
  })
  it('leaves a secret that nobody touched', () => {
    expect(draftOf({ kind: 'secret', value: MASK })).toBe('')
    expect(sentOf('secret', '')).toBe(MASK)
  })
})

describe('the search of the settings', () => {
  it('looks for every word in name, label and help', () => {
    const field = { key: 'live.proxy.timeout', label: 'Connection time-out', help: 'How long a source may take.' }
    expect(found(field, 'proxy source')).toBe(true)
    expect(found(field, 'proxy radio')).toBe(false)
  })
})
