import { type RefObject, useEffect } from 'react'
import { useStore } from '~/kit/store'
import type { Engine } from './engine'
import type { Media, Report } from './media'
import { failed, player, progress } from './state'

const EVERY_S = 10

/** Tells the media's own hook how far somebody is: each few seconds, at each change, and when the page goes. */
export function useReport(ref: RefObject<HTMLVideoElement | null>, engine: Engine | null): void {
  const media = useStore(player, (state) => state.media)
  useEffect(() => {
    const video = ref.current
    if (!video || !media?.report || !engine) return
    let over = false
    const say = (event: Report['event']) => {
      if (!over) void tell(media, video, engine, event)
      over ||= event === 'end'
    }
    const end = () => say('end')
    const listeners: readonly (readonly [string, () => void])[] = [
      ['pause', () => say('pause')],
      ['playing', () => say('resume')],
      ['seeked', () => say('seek')],
      ['ended', end],
    ]
    say('start')
    for (const [name, listener] of listeners) video.addEventListener(name, listener)
    window.addEventListener('pagehide', end)
    const timer = setInterval(() => say('progress'), (media.reportEvery ?? EVERY_S) * 1_000)
    return () => {
      end()
      clearInterval(timer)
      window.removeEventListener('pagehide', end)
      for (const [name, listener] of listeners) video.removeEventListener(name, listener)
    }
  }, [ref, media, engine])
}

async function tell(media: Media, video: HTMLVideoElement, engine: Engine, event: Report['event']): Promise<void> {
  const { at, duration, buffered } = progress.get()
  try {
    const answer = await media.report?.({
      event,
      at,
      duration,
      paused: video.paused,
      bufferedUntil: buffered,
      dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
      bandwidth: engine.figures().speedBps ?? 0,
    })
    if (answer?.stop && player.get().media === media) failed({ reason: 'stopped', said: answer.stop, tryNext: false })
  } catch {
    // A lost report is followed by the next one; the picture goes on.
  }
}
