import { describe, expect, it } from 'vitest'
import { length, pageOf, picture, placeOf, seenOf } from './shapes'

describe('a title', () => {
  it('has the picture of the kind that is wanted, or the next best', () => {
    const images = { poster: '/api/images/p', still: '/api/images/s', logo: null }
    expect(picture({ images }, 'backdrop', 'still', 'poster')).toBe('/api/images/s')
    expect(picture({ images }, 'logo', 'banner')).toBeNull()
  })

  it('leads an episode to the page of its show', () => {
    expect(pageOf({ mediaType: 'movie', id: 'm1', showId: null })).toBe('/library/film/m1')
    expect(pageOf({ mediaType: 'episode', id: 'e1', showId: 's1' })).toBe('/library/show/s1')
    expect(pageOf({ mediaType: 'show', id: 's1', showId: null })).toBe('/library/show/s1')
  })

  it('says where it stands', () => {
    expect(placeOf({ seasonNumber: 1, episodeNumber: 12, year: 2020 })).toBe('S01E12')
    expect(placeOf({ seasonNumber: null, episodeNumber: null, year: 1999 })).toBe('1999')
    expect(placeOf({ seasonNumber: null, episodeNumber: null, year: null })).toBe('')
  })

  it('says how long it is and how much was seen', () => {
    expect([length(0), length(45 * 60), length(125 * 60)]).toEqual(['', '45 min', '2 h 5 min'])
    expect([seenOf({ percent: 40 }), seenOf({ percent: 140 }), seenOf(undefined)]).toEqual([0.4, 1, 0])
  })
})
