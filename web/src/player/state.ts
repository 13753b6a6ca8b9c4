import { asFailure } from '~/api/failure'
import { createStore } from '~/kit/store'
import type { Choices, Media } from './media'
import type { Trouble } from './trouble'

export interface PlayerState {
  mode: 'closed' | 'mini' | 'full'
  media: Media | null
  way: number // index into media.ways
  attempt: number // raised to attach the same way anew
  at: number // seconds where the next attachment begins
  last: Media | null
  status: 'loading' | 'playing' | 'paused' | 'stalled' | 'ended' | 'failed'
  trouble: Trouble | null
  digits: string
}

const CLOSED: PlayerState = {
  mode: 'closed',
  media: null,
  way: 0,
  attempt: 0,
  at: 0,
  last: null,
  status: 'loading',
  trouble: null,
  digits: '',
}

export const player = createStore<PlayerState>(CLOSED)

/** How far it is; apart from the rest, for it changes four times a second. */
export interface Progress {
  at: number // seconds into the media
  duration: number // 0 while it is not known, and live
  buffered: number // seconds into the media
}

export const progress = createStore<Progress>({ at: 0, duration: 0, buffered: 0 })
const change = (part: Partial<PlayerState>) => player.set((before) => ({ ...before, ...part }))

/** The state once `media` is known: what was before it becomes the last one, when it can be asked for again. */
export function tuned(before: PlayerState, media: Media): PlayerState {
  const other = before.media && before.media.key !== media.key
  return {
    ...before,
    media,
    way: 0,
    attempt: before.attempt + 1,
    at: media.startAt ?? 0,
    last: other && before.media?.again ? before.media : before.last,
    status: 'loading',
    trouble: null,
    digits: '',
  }
}

/** The next thing to try after `trouble`: another way, from where it stopped, or nothing. */
export function afterTrouble(before: PlayerState, trouble: Trouble, at = 0): PlayerState {
  const ways = before.media?.ways.length ?? 0
  if (trouble.tryNext && before.way + 1 < ways)
    return { ...before, way: before.way + 1, attempt: before.attempt + 1, at, status: 'loading', trouble: null }
  return { ...before, status: 'failed', trouble }
}

let asked = 0 // of two quick wishes the second one counts, whichever answer comes first

/** Plays what `load` gives: the door for every module. Small at first, unless it is asked for large. */
export async function play(load: () => Promise<Media>, how: { full?: boolean } = {}): Promise<void> {
  asked += 1
  const mine = asked
  const before = player.get()
  change({
    mode: how.full ? 'full' : before.mode === 'closed' ? 'mini' : before.mode,
    status: 'loading',
    trouble: null,
    digits: '',
  })
  try {
    const media = await load()
    if (mine === asked) player.set((now) => (now.mode === 'closed' ? now : tuned(now, media)))
  } catch (error) {
    if (mine !== asked) return
    const failure = asFailure(error)
    const reason =
      failure.status === 404 ? 'gone' : failure.status === 403 ? 'refused' : failure.status === 503 ? 'busy' : 'server'
    change({ status: 'failed', digits: '', trouble: { reason, said: failure.detail, tryNext: false } })
  }
}

const here = (): number => (player.get().media?.isLive ? 0 : progress.get().at)

export function playNext(): void {
  const { media } = player.get()
  if (media?.next) void play(media.next.load)
}

export function playPrevious(): void {
  const { media } = player.get()
  if (media?.previous) void play(media.previous.load)
}

export function playLast(): void {
  const { last } = player.get()
  if (last?.again) void play(last.again)
}

/** Another sound track, quality or burnt-in subtitle, where it stands. */
export function choose(what: keyof Choices, id: string): void {
  const { media } = player.get()
  const at = here()
  if (media?.choose) void play(async () => ({ ...(await media.choose?.(what, id, at)), startAt: at }) as Media)
}

export const close = (): void => {
  asked += 1
  player.set(CLOSED)
}
export const setMode = (mode: 'mini' | 'full'): void => change({ mode })
export const toggleMode = (): void => setMode(player.get().mode === 'full' ? 'mini' : 'full')
export const chooseWay = (way: number): void =>
  player.set((before) => ({ ...before, way, attempt: before.attempt + 1, at: here(), status: 'loading', trouble: null }))
export const again = (): void => chooseWay(0)
export const setStatus = (status: PlayerState['status']): void => change({ status })
export const setDigits = (digits: string): void => change({ digits })
export const failed = (trouble: Trouble): void => player.set((before) => afterTrouble(before, trouble, here()))
