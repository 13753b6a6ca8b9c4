import type Hls from 'hls.js'
import type { Way } from './media'
import { fromElement, fromEngine, type Trouble } from './trouble'

export interface Track {
  id: number
  label: string
}

export interface Figures {
  engine: string
  speedBps: number | null // as the engine measures its download
}

/** One way of getting a picture into a video element, attached. */
export interface Engine {
  destroy(): void
  qualities(): readonly Track[]
  setQuality(id: number): void // -1: by itself
  audio(): readonly Track[]
  setAudio(id: number): void
  subtitles(): readonly Track[]
  setSubtitles(id: number): void // -1: off
  figures(): Figures
}

export interface How {
  isLive: boolean
  startAt: number // seconds of the delivery
}

const none = () => []
const nothing = () => {}

async function withMpegts(video: HTMLVideoElement, url: string, fail: (trouble: Trouble) => void): Promise<Engine> {
  const { default: mpegts } = await import('mpegts.js')
  mpegts.LoggingControl.enableAll = false
  const source = { type: 'mpegts', isLive: true, url: new URL(url, location.href).href, withCredentials: true }
  const made = mpegts.createPlayer(source, {
    enableWorker: false, // its worker is built from a blob of the whole bundle
    enableStashBuffer: false, // the picture comes with the first bytes
    liveBufferLatencyChasing: true,
    liveBufferLatencyMaxLatency: 8,
    liveBufferLatencyMinRemain: 2,
    autoCleanupSourceBuffer: true,
  })
  let speedBps: number | null = null
  made.on(mpegts.Events.ERROR, (type: string, detail: string, info?: { code?: number; msg?: string }) =>
    fail(fromEngine(type, `${detail} ${info?.msg ?? ''}`.trim(), info?.code ?? 0)),
  )
  made.on(mpegts.Events.LOADING_COMPLETE, () => fail({ reason: 'ended', said: 'end of stream', tryNext: true }))
  made.on(mpegts.Events.STATISTICS_INFO, (info: { speed?: number }) => {
    speedBps = (info.speed ?? 0) * 8_000 // kB/s
  })
  made.attachMediaElement(video)
  made.load()
  return {
    destroy: () => made.destroy(),
    qualities: none,
    setQuality: nothing,
    audio: none,
    setAudio: nothing,
    subtitles: none,
    setSubtitles: nothing,
    figures: () => ({ engine: 'mpegts.js', speedBps }),
  }
}

const height = (level: Hls['levels'][number]) =>
  level.height ? `${level.height}p` : `${Math.round(level.bitrate / 1000)} kbit/s`

async function withHls(video: HTMLVideoElement, url: string, how: How, fail: (trouble: Trouble) => void): Promise<Engine> {
  const { default: HlsJs, Events, ErrorTypes } = await import('hls.js')
  const made = new HlsJs({
    enableWorker: false,
    lowLatencyMode: how.isLive,
    backBufferLength: 60,
    startPosition: how.isLive ? -1 : how.startAt,
  })
  let mended = false
  made.on(Events.ERROR, (_, error) => {
    if (!error.fatal) return
    if (error.type === ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true
      return made.recoverMediaError()
    }
    fail(fromEngine(error.type, error.details, error.response?.code ?? 0))
  })
  made.loadSource(url)
  made.attachMedia(video)
  return {
    destroy: () => made.destroy(),
    qualities: () => made.levels.map((level, id) => ({ id, label: height(level) })),
    setQuality: (id) => {
      made.currentLevel = id
    },
    audio: () => made.audioTracks.map((track, id) => ({ id, label: track.name || track.lang || String(id + 1) })),
    setAudio: (id) => {
      made.audioTrack = id
    },
    subtitles: () => made.subtitleTracks.map((track, id) => ({ id, label: track.name || track.lang || String(id + 1) })),
    setSubtitles: (id) => {
      made.subtitleTrack = id
      made.subtitleDisplay = id >= 0
    },
    figures: () => ({ engine: 'hls.js', speedBps: made.bandwidthEstimate }),
  }
}

function withElement(video: HTMLVideoElement, url: string): Engine {
  video.src = url
  return {
    destroy: () => {
      video.removeAttribute('src')
      video.load()
    },
    qualities: none,
    setQuality: nothing,
    audio: none,
    setAudio: nothing,
    subtitles: none, // the media's own texts are tracks of the element; see Tracks.tsx
    setSubtitles: nothing,
    figures: () => ({ engine: 'native', speedBps: null }),
  }
}

/** Which engine plays a way: the browser itself where it can, else a script. */
export function engineFor(
  kind: Way['kind'],
  can: { hlsNatively: boolean; mediaSource: boolean },
): 'native' | 'hls' | 'mpegts' | null {
  if (kind === 'hls') return can.mediaSource ? 'hls' : can.hlsNatively ? 'native' : null
  if (kind === 'ts') return can.mediaSource ? 'mpegts' : null
  return 'native'
}

export async function attach(video: HTMLVideoElement, way: Way, how: How, fail: (trouble: Trouble) => void): Promise<Engine> {
  const can = {
    hlsNatively: video.canPlayType('application/vnd.apple.mpegurl') !== '',
    mediaSource: 'MediaSource' in window || 'ManagedMediaSource' in window,
  }
  const chosen = engineFor(way.kind, can)
  video.onerror = () => {
    // The scripts report their own errors; an error without a source is the clean-up of the one before.
    if (chosen === 'native' && video.error && video.getAttribute('src')) fail(fromElement(video.error.code, video.error.message))
  }
  if (chosen === 'mpegts') return withMpegts(video, way.url, fail)
  if (chosen === 'hls') return withHls(video, way.url, how, fail)
  if (chosen === 'native') return withElement(video, way.url)
  throw new Error('no engine')
}
