import { describe, expect, it } from 'vitest'
import { abilities } from './abilities'
import { choicesOf, mediaOf, type Session, wishOf } from './watch'

const SESSION = {
  id: 'S1',
  mode: 'remux_hls_audio_transcode',
  tier: 6,
  reasons: ['ContainerNotSupported'],
  reasonTexts: ['The device does not open this kind of file.'],
  url: '/api/stream/S1/master.m3u8?token=a%3Ab',
  directUrl: null,
  token: 'a:b',
  tokenExpiresAt: '2026-01-01T00:00:00.000Z',
  startPosition: 69.2,
  duration: 1402.5,
  segmentDuration: 4,
  quality: 'original',
  qualities: [
    { id: 'original', height: 1080, bitrate: 7_000_000 },
    { id: '720p', height: 720, bitrate: 4_000_000 },
  ],
  audioTracks: [
    {
      index: 1,
      language: 'eng',
      codec: 'ac3',
      channels: 6,
      label: 'English',
      default: true,
      selected: true,
      delivery: 'transcode',
    },
    { index: 2, language: 'ger', codec: 'aac', channels: 2, label: 'German', default: false, selected: false, delivery: 'copy' },
  ],
  subtitleTracks: [
    {
      index: 3,
      language: 'eng',
      codec: 'subrip',
      label: 'English',
      forced: false,
      hearingImpaired: false,
      delivery: 'external',
      url: '/x/3.vtt',
      selected: false,
    },
    {
      index: 4,
      language: null,
      codec: 'hdmv_pgs_subtitle',
      label: 'Pictures',
      forced: false,
      hearingImpaired: false,
      delivery: 'burn',
      url: null,
      selected: false,
    },
  ],
  chapters: [{ start: 0, end: 300, title: 'One' }],
  segments: [{ type: 'intro', start: 31, end: 55, source: 'fingerprint', confidence: 92 }],
  trickplay: null,
  next: { mediaType: 'episode', mediaId: 'E2', title: 'The next one', autoplayCountdown: 5 },
  heartbeatInterval: 10,
} satisfies Session

const TITLE = { mediaType: 'episode', mediaId: 'E1', title: 'The first one' } as const

describe('a session as something to watch', () => {
  it('goes on where the viewer stopped, over HLS', () => {
    const media = mediaOf(TITLE, SESSION)
    expect(media.ways).toEqual([{ kind: 'hls', url: '/api/stream/S1/master.m3u8?token=a%3Ab', label: 'HLS' }])
    expect([media.startAt, media.duration, media.isLive]).toEqual([69.2, 1402.5, false])
    expect(media.next?.title).toBe('The next one')
  })

  it('plays the file as it is first, and has HLS behind it', () => {
    const media = mediaOf(TITLE, { ...SESSION, directUrl: '/api/stream/S1/file?token=a%3Ab' })
    expect(media.ways.map((way) => way.kind)).toEqual(['mp4', 'hls'])
  })

  it('shows texts itself and lets the server draw pictures', () => {
    const media = mediaOf(TITLE, SESSION)
    expect(media.subtitles?.map((one) => one.id)).toEqual(['3'])
    expect(choicesOf(SESSION).subtitles).toEqual([{ id: '4', label: 'Pictures', isChosen: false }])
  })

  it('offers what can be skipped, and the chapters', () => {
    expect(mediaOf(TITLE, SESSION).stretches?.map((one) => one.kind)).toEqual(['intro', 'chapter'])
  })

  it('sends what was chosen by its number', () => {
    expect([wishOf('quality', '720p'), wishOf('audio', '2'), wishOf('subtitles', '')]).toEqual([
      { quality: '720p' },
      { audioTrack: 2 },
      { subtitleTrack: null },
    ])
  })
})

describe('what a browser plays', () => {
  it('is what it says when asked', () => {
    const found = abilities((type) => type.includes('avc1') || type.includes('mp4a.40.2'), 6)
    expect(found.containers).toEqual(['mp4'])
    expect(found.videoCodecs).toEqual([{ codec: 'h264', bitDepth: 8 }])
    expect(found.audioCodecs).toEqual([{ codec: 'aac', maxChannels: 6 }])
  })
})
