// What the player can be given. A module makes one from what its server says and hands it over: `play(() => ..., {})`.

/** One way of delivering it, tried in order: a stream ("ts"), a playlist ("hls"), or what the browser plays by itself. */
export interface Way {
  kind: 'ts' | 'hls' | 'mp4' | 'webm' | 'audio'
  url: string
  label: string
}

/** Text to show over the picture, as WebVTT. */
export interface TextTrack {
  id: string
  label: string
  language: string
  url: string
  isDefault?: boolean
}

/** Something the server chooses when it is asked anew: a sound track, a quality, a burnt-in subtitle. */
export interface Choice {
  id: string
  label: string
  isChosen: boolean
}

export interface Choices {
  quality?: readonly Choice[]
  audio?: readonly Choice[]
  subtitles?: readonly Choice[] // those that are burnt in; texts are `subtitles` of the media
}

/** A stretch that can be skipped, or a chapter; seconds. */
export interface Stretch {
  kind: 'intro' | 'credits' | 'recap' | 'preview' | 'commercial' | 'chapter'
  start: number
  end: number
  title?: string
}

/** Small pictures along the time line: tiles of `columns` x `rows` on sheets, one every `interval` seconds. */
export interface Trickplay {
  sheet: (index: number) => string // its address
  interval: number
  width: number // of one tile, px
  height: number
  columns: number
  rows: number
}

export interface Report {
  event: 'start' | 'progress' | 'pause' | 'resume' | 'seek' | 'end'
  at: number // seconds into it
  duration: number // 0 while it is not known
  paused: boolean
  bufferedUntil: number // seconds
  dropped: number // pictures
  bandwidth: number // bit/s as measured, 0 when it is not
}

/** Something to watch or to listen to. */
export interface Media {
  key: string // the same for the same thing: "live:7", "library:V1StGXR8"
  title: string
  subtitle: string
  image: string | null
  isLive: boolean // no time line
  isAudio?: boolean // the image is the picture
  ways: readonly Way[]
  startAt?: number // seconds: where to go on
  offset?: number // seconds of it before the first second of the delivery
  duration?: number // seconds, when the delivery does not tell
  subtitles?: readonly TextTrack[]
  stretches?: readonly Stretch[]
  /** Asked when somebody first points at the time line; the server may have none after all. */
  trickplay?: () => Promise<Trickplay | undefined>
  choices?: Choices
  /** Asks the server anew with something else chosen; the answer goes on at `at`. */
  choose?: (what: keyof Choices, id: string, at: number) => Promise<Media>
  /** Told each `reportEvery` seconds (10) and at each change. The answer may end it, with the reason in words. */
  report?: (now: Report) => Promise<{ stop?: string } | undefined>
  reportEvery?: number
  /** What comes after it: the next episode, the channel below. */
  next?: Following
  previous?: Following
  /** It again, later: for "last channel". */
  again?: () => Promise<Media>
}

export interface Following {
  title: string
  load: () => Promise<Media>
  isAutomatic?: boolean // begins by itself at the end, after a countdown
}

/** The stretch to offer skipping at `at`, if any; not in its last second. */
export function skippable(stretches: readonly Stretch[] | undefined, at: number): Stretch | undefined {
  return stretches?.find((one) => one.kind !== 'chapter' && at >= one.start && at < one.end - 1)
}

/** Which tile shows second `at`: its sheet, and its place on it in pixels. */
export function tileAt(trickplay: Trickplay, at: number): { sheet: number; x: number; y: number } {
  const { interval, columns, rows, width, height } = trickplay
  const tile = Math.max(0, Math.floor(at / interval))
  const place = tile % (columns * rows)
  return { sheet: Math.floor(tile / (columns * rows)), x: (place % columns) * width, y: Math.floor(place / columns) * height }
}
