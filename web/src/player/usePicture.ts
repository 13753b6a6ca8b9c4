import { type RefObject, useEffect, useRef, useState } from 'react'
import { useStore } from '~/kit/store'
import { attach, type Engine } from './engine'
import type { Media } from './media'
import { failed, player, progress, setStatus } from './state'

const STALL_MS = 12_000
const LOOK_MS = 1_000

/** Seconds into the media that `video` has at hand without a gap. */
export function bufferedOf(video: HTMLVideoElement, offset: number): number {
  const { buffered, currentTime } = video
  for (let index = 0; index < buffered.length; index++)
    if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) >= currentTime) return buffered.end(index) + offset
  return currentTime + offset
}

function tell(video: HTMLVideoElement, media: Media | null): void {
  const offset = media?.offset ?? 0
  const own = Number.isFinite(video.duration) ? video.duration + offset : 0
  progress.set({
    at: video.currentTime + offset,
    duration: media?.isLive ? 0 : (media?.duration ?? own),
    buffered: bufferedOf(video, offset),
  })
}

/** Goes on where somebody left off, once the element knows how long it is. */
function seekOnce(video: HTMLVideoElement, at: number): void {
  if (at <= 0) return
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) video.currentTime = at
  else video.addEventListener('loadedmetadata', () => Object.assign(video, { currentTime: at }), { once: true })
}

/** Attaches the way that the state names to the video element, and tells the state how it goes. */
export function usePicture(ref: RefObject<HTMLVideoElement | null>): Engine | null {
  const media = useStore(player, (state) => state.media)
  const way = useStore(player, (state) => state.way)
  const attempt = useStore(player, (state) => state.attempt)
  const [engine, setEngine] = useState<Engine | null>(null)
  const moved = useRef({ time: 0, at: 0 })
  const chosen = media?.ways[way]

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` stands for "anew"
  useEffect(() => {
    const video = ref.current
    if (!video || !chosen) return
    let ended = false
    let made: Engine | null = null
    moved.current = { time: -1, at: Date.now() }
    const startAt = Math.max(0, player.get().at - (media.offset ?? 0))
    progress.set({ at: player.get().at, duration: media.duration ?? 0, buffered: player.get().at })
    const begin = async () => {
      try {
        made = await attach(video, chosen, { isLive: media.isLive, startAt }, (trouble) => !ended && failed(trouble))
      } catch (error) {
        if (!ended) failed({ reason: 'codec', said: String(error), tryNext: true })
        return
      }
      if (ended) return made.destroy()
      seekOnce(video, startAt)
      setEngine(made)
      await video.play().catch((error: DOMException) => {
        if (error.name !== 'NotAllowedError') return
        video.muted = true // a page that nobody has clicked yet may only play without sound
        return video.play().catch(() => setStatus('paused'))
      })
    }
    void begin()
    return () => {
      ended = true
      made?.destroy()
      setEngine(null)
    }
  }, [ref, chosen, attempt])

  useEffect(() => {
    const video = ref.current
    if (!video) return
    const told = () => tell(video, player.get().media)
    const listeners: readonly (readonly [string, () => void])[] = [
      ['playing', () => setStatus('playing')],
      ['pause', () => player.get().status === 'playing' && !video.ended && setStatus('paused')],
      ['waiting', () => player.get().status === 'playing' && setStatus('stalled')],
      ['ended', () => !player.get().media?.isLive && setStatus('ended')],
      ['timeupdate', told],
      ['durationchange', told],
      ['progress', told],
    ]
    for (const [name, listener] of listeners) video.addEventListener(name, listener)
    const timer = setInterval(() => {
      const { status } = player.get()
      const rests = status === 'paused' || status === 'failed' || status === 'ended'
      if (rests || video.currentTime !== moved.current.time) {
        moved.current = { time: video.currentTime, at: Date.now() }
        return
      }
      if (Date.now() - moved.current.at < STALL_MS) return
      moved.current = { time: video.currentTime, at: Date.now() }
      failed({ reason: 'stalled', said: `no picture for ${STALL_MS / 1000} s`, tryNext: true })
    }, LOOK_MS)
    return () => {
      clearInterval(timer)
      for (const [name, listener] of listeners) video.removeEventListener(name, listener)
    }
  }, [ref])

  return engine
}
