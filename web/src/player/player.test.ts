import { describe, expect, it } from 'vitest'
import { numberOf, withDigit } from './digits'
import { engineFor } from './engine'
import { type Media, skippable, tileAt } from './media'
import { afterTrouble, close, type PlayerState, play, player, tuned } from './state'
import { fromElement, fromEngine, fromStatus } from './trouble'

const CAN = { hlsNatively: false, mediaSource: true }
const film = (id: number, ways = 2): Media => ({
  key: `film:${id}`,
  title: `Film ${id}`,
  subtitle: '',
  image: null,
  isLive: false,
  ways: Array.from({ length: ways }, (_, index) => ({ kind: 'ts', url: `/${index}`, label: '' })),
  again: () => Promise.resolve(film(id)),
})
const STATE: PlayerState = {
  mode: 'mini',
  media: null,
  way: 0,
  attempt: 0,
  at: 0,
  last: null,
  status: 'loading',
  trouble: null,
  digits: '',
}

describe('a channel number is typed', () => {
  it('digit by digit, with one point', () => {
    expect(['2', '.', '1', '.', 'x'].reduce(withDigit, '')).toBe('2.1')
    expect('1234567'.split('').reduce(withDigit, '')).toBe('123456')
  })
  it('and read as people mean it', () => {
    expect(numberOf('007')).toBe('7')
    expect(numberOf('2.')).toBe('2')
    expect(numberOf('0')).toBe('0')
    expect(numberOf('.')).toBeNull()
  })
})

describe('the engine', () => {
  it('is the script for TS and HLS, the browser itself for files', () => {
    expect(engineFor('ts', CAN)).toBe('mpegts')
    expect(engineFor('hls', CAN)).toBe('hls')
    expect(engineFor('mp4', CAN)).toBe('native')
  })
  it('is the browser where it knows HLS and has no media source, as on an iPhone', () => {
    const phone = { hlsNatively: true, mediaSource: false }
    expect(engineFor('hls', phone)).toBe('native')
    expect(engineFor('ts', phone)).toBeNull()
  })
})

describe('a failed picture', () => {
  it('is named in a word that a string explains', () => {
    expect(fromEngine('MediaError', 'MediaCodecUnsupported').reason).toBe('codec')
    expect(fromEngine('NetworkError', 'HttpStatusCodeInvalid', 503).reason).toBe('busy')
    expect(fromEngine('networkError', 'fragLoadError', 404).reason).toBe('gone')
    expect(fromStatus(403, '').tryNext).toBe(false)
    expect(fromElement(4, '').reason).toBe('codec')
  })
  it('leads to the next way, and only then to the reason', () => {
    const first = afterTrouble({ ...STATE, media: film(1) }, fromEngine('MediaError', 'codec'))
    expect([first.way, first.status]).toEqual([1, 'loading'])
    const second = afterTrouble(first, fromEngine('MediaError', 'codec'))
    expect([second.way, second.status, second.trouble?.reason]).toEqual([1, 'failed', 'codec'])
  })
  it('of a full provider is not tried elsewhere', () => {
    expect(afterTrouble({ ...STATE, media: film(1) }, fromStatus(503, '')).status).toBe('failed')
  })
})

describe('a failed picture that is not live', () => {
  it('goes on in the next way where it stopped', () => {
    expect(afterTrouble({ ...STATE, media: film(1) }, fromEngine('MediaError', 'codec'), 61).at).toBe(61)
  })
})

describe('the last one', () => {
  it('is the one before, not the same again', () => {
    const two = tuned(tuned(STATE, film(1)), film(2))
    expect(two.last?.key).toBe('film:1')
    expect(tuned(two, film(2)).last?.key).toBe('film:1')
  })
  it('is skipped when it cannot be asked for again', () => {
    const { again: _, ...once } = film(1)
    expect(tuned(tuned(STATE, once), film(2)).last).toBeNull()
  })
})

describe('of two wishes', () => {
  it('the second one is played, though the first is answered later', async () => {
    let answer: (media: Media) => void = () => {}
    const slow = play(() => new Promise<Media>((resolve) => (answer = resolve)))
    await play(() => Promise.resolve(film(2)))
    answer(film(1))
    await slow
    expect(player.get().media?.key).toBe('film:2')
    close()
  })
})

describe('along the time line', () => {
  const stretches = [
    { kind: 'chapter', start: 0, end: 600 },
    { kind: 'intro', start: 30, end: 60 },
  ] as const
  it('an intro can be skipped while it runs, a chapter never', () => {
    expect(skippable(stretches, 29)).toBeUndefined()
    expect(skippable(stretches, 30)?.end).toBe(60)
    expect(skippable(stretches, 59.5)).toBeUndefined()
  })
  it('each moment has its tile on a sheet', () => {
    const trickplay = { sheet: String, interval: 10, width: 320, height: 180, columns: 10, rows: 10 }
    expect(tileAt(trickplay, 5)).toEqual({ sheet: 0, x: 0, y: 0 })
    expect(tileAt(trickplay, 125)).toEqual({ sheet: 0, x: 640, y: 180 })
    expect(tileAt(trickplay, 1000)).toEqual({ sheet: 1, x: 0, y: 0 })
  })
})
