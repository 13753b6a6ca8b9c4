import { describe, expect, it } from 'vitest'
import { levelOf, levelsOf, stateOf } from './shapes'

const row = (part: object) => ({ state: 'downloading', is_bad: false, error: '', is_paused: false, ...part }) as never

describe('a transfer', () => {
  it('is bad when it has failed or nobody has it any more', () => {
    expect(levelOf(row({ state: 'failed' }))).toBe('bad')
    expect(levelOf(row({ state: 'done', is_bad: true }))).toBe('bad')
  })
  it('warns while something holds it up', () => {
    expect(levelOf(row({ state: 'queued', error: 'too many active downloads' }))).toBe('warning')
    expect(levelOf(row({}))).toBe('info')
  })
  it('is paused only until it is complete', () => {
    expect(stateOf(row({ is_paused: true }))).toBe('acquire.state.paused')
    expect(stateOf(row({ state: 'done', is_paused: true }))).toBe('acquire.state.done')
  })
})

describe('a place in the tree', () => {
  it('is a group, or a folder of one, whatever the folder is called', () => {
    expect(levelsOf('')).toEqual({ group: '', folder: '' })
    expect(levelsOf('__all__')).toEqual({ group: '__all__', folder: '' })
    expect(levelsOf('__all__/A/B')).toEqual({ group: '__all__', folder: 'A/B' })
  })
})
