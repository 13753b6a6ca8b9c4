import { type RefObject, useEffect } from 'react'
import { numberOf, PAUSE_MS, withDigit } from './digits'
import { watchNumber } from './live'
import { player, playLast, playNext, playPrevious, setDigits, setMode, toggleMode } from './state'
import { seekBy } from './Timeline'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('[role=dialog],[role=grid],[role=menu]') !== null)

export function togglePause(video: HTMLVideoElement): void {
  if (video.paused) void video.play()
  else video.pause()
}

export async function togglePip(video: HTMLVideoElement): Promise<void> {
  if (document.pictureInPictureElement) await document.exitPictureInPicture()
  else await video.requestPictureInPicture?.()
}

/** Keyboard and remote: they work in the large player, and in the small one while no field or table has the focus. */
export function usePlayerKeys(ref: RefObject<HTMLVideoElement | null>, toggleStats: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = () => {
      clearTimeout(timer)
      const number = numberOf(player.get().digits)
      setDigits('')
      if (number) watchNumber(number)
    }
    const digit = (key: string) => {
      setDigits(withDigit(player.get().digits, key))
      clearTimeout(timer)
      timer = setTimeout(take, PAUSE_MS)
    }
    const actions: Readonly<Record<string, (video: HTMLVideoElement) => void>> = {
      PageUp: playPrevious,
      ChannelUp: playPrevious,
      PageDown: playNext,
      ChannelDown: playNext,
      Backspace: playLast,
      f: toggleMode,
      m: (video) => {
        video.muted = !video.muted
      },
      i: toggleStats,
      p: (video) => void togglePip(video).catch(() => {}),
      k: togglePause,
    }
    const onKey = (event: KeyboardEvent) => {
      const video = ref.current
      if (!video || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
      const { mode, media } = player.get()
      const full = mode === 'full'
      const step = event.key === 'ArrowLeft' ? -10 : event.key === 'ArrowRight' ? 10 : 0
      const onButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement
      if (/^[\d.]$/.test(event.key)) digit(event.key)
      else if (event.key === 'Enter' && player.get().digits) take()
      else if (event.key === ' ' && !onButton) togglePause(video)
      else if (step && full && !media?.isLive) seekBy(video, step)
      else if (event.key === 'Escape' && full) setMode('mini')
      else if (actions[event.key]) actions[event.key]?.(video)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('keydown', onKey)
    }
  }, [ref, toggleStats])
}

/** The media keys of keyboard, headset and lock screen. */
export function useMediaSession(
  title: string,
  artist: string,
  art: string | null | undefined,
  ref: RefObject<HTMLVideoElement | null>,
): void {
  useEffect(() => {
    if (!('mediaSession' in navigator)) return
    const session = navigator.mediaSession
    session.metadata = new MediaMetadata({ title, artist, artwork: art ? [{ src: new URL(art, location.href).href }] : [] })
    const handlers: readonly (readonly [MediaSessionAction, () => void])[] = [
      ['play', () => void ref.current?.play()],
      ['pause', () => ref.current?.pause()],
      ['previoustrack', playPrevious],
      ['nexttrack', playNext],
      ['seekbackward', () => ref.current && seekBy(ref.current, -10)],
      ['seekforward', () => ref.current && seekBy(ref.current, 10)],
    ]
    for (const [action, handler] of handlers) session.setActionHandler(action, handler)
    return () => {
      session.metadata = null
      for (const [action] of handlers) session.setActionHandler(action, null)
    }
  }, [title, artist, art, ref])
}
