import { api, must } from '~/api/client'
import type { Answer, Sent } from '~/api/shapes'
import { type Choice, type Choices, type Media, play, type Report, type Trickplay, type Way } from '~/player'
import { abilities } from './abilities'

export type Session = Answer<'/v1/playback/sessions', 'post'>
type Wish = Sent<'/v1/playback/sessions/{session}', 'patch'>

/** A film or an episode, as the page that offers it knows it. */
export interface Title {
  mediaType: 'movie' | 'episode'
  mediaId: string
  fileId?: string
  title: string
  subtitle?: string
  image?: string | null
}

const path = (session: string) => ({ params: { path: { session } } })

/** A session of the server as something to watch. */
export function mediaOf(title: Title, session: Session, startAt = session.startPosition): Media {
  const hls: Way = {
    kind: 'hls',
    url: `/api/stream/${session.id}/master.m3u8?token=${encodeURIComponent(session.token)}`,
    label: 'HLS',
  }
  const direct = session.directUrl
  const next = session.next
  return {
    key: `library:${title.mediaId}`,
    title: title.title,
    subtitle: title.subtitle ?? '',
    image: title.image ?? null,
    isLive: false,
    ways: direct ? [{ kind: 'mp4', url: direct, label: 'Original' }, hls] : [hls],
    startAt,
    duration: session.duration,
    subtitles: session.subtitleTracks.flatMap((one) =>
      one.url && one.delivery !== 'burn'
        ? [{ id: String(one.index), label: one.label, language: one.language ?? '', url: one.url, isDefault: one.selected }]
        : [],
    ),
    stretches: [
      ...session.segments.map((one) => ({ kind: one.type as 'intro', start: one.start, end: one.end })),
      ...session.chapters.map((one) => ({ kind: 'chapter' as const, start: one.start, end: one.end, title: one.title })),
    ],
    ...(session.trickplay ? { trickplay: () => trickplayOf(session.trickplay?.url ?? '') } : {}),
    choices: choicesOf(session),
    choose: (what, id, at) => choose(title, session, what, id, at),
    report: (now) => report(session, now),
    reportEvery: session.heartbeatInterval,
    ...(next
      ? {
          next: {
            title: next.title,
            isAutomatic: true,
            load: () => open({ mediaType: next.mediaType as Title['mediaType'], mediaId: next.mediaId, title: next.title }),
          },
        }
      : {}),
    again: () => open(title),
  }
}

interface Manifest extends Omit<Trickplay, 'sheet'> {
  sprites: readonly string[]
}

/** The small pictures of a file, as its manifest tells; the sheets lie beside it. */
export async function trickplayOf(url: string): Promise<Trickplay | undefined> {
  const answer = await fetch(url, { credentials: 'same-origin' })
  if (!answer.ok) return undefined
  const { sprites, ...told } = (await answer.json()) as Manifest
  const last = sprites.length - 1
  return { ...told, sheet: (index) => new URL(sprites[Math.min(index, last)] ?? '', new URL(url, location.origin)).href }
}

/** What the server chooses when it is asked anew. */
export function choicesOf(session: Session): Choices {
  const burnt = session.subtitleTracks.filter((one) => one.delivery === 'burn')
  const choice = (id: string, label: string, isChosen: boolean): Choice => ({ id, label, isChosen })
  return {
    quality: session.qualities.map((one) => choice(one.id, one.id, one.id === session.quality)),
    audio: session.audioTracks.map((one) => choice(String(one.index), one.label, one.selected)),
    ...(burnt.length > 0 ? { subtitles: burnt.map((one) => choice(String(one.index), one.label, one.selected)) } : {}),
  }
}

/** What is sent when something else is chosen. */
export function wishOf(what: keyof Choices, id: string): Wish {
  if (what === 'quality') return { quality: id }
  const track = id === '' ? null : Number(id)
  return what === 'audio' ? { audioTrack: track } : { subtitleTrack: track }
}

async function choose(title: Title, session: Session, what: keyof Choices, id: string, at: number): Promise<Media> {
  const body = wishOf(what, id)
  const changed = await must(api.PATCH('/v1/playback/sessions/{session}', { ...path(session.id), body }))
  return mediaOf(title, changed, at)
}

async function report(session: Session, now: Report): Promise<{ stop?: string } | undefined> {
  const body = {
    position: now.at,
    paused: now.paused,
    bufferedUntil: now.bufferedUntil,
    bandwidth: Math.round(now.bandwidth),
    droppedFrames: now.dropped,
  }
  const answer = await must(api.POST('/v1/playback/sessions/{session}/heartbeat', { ...path(session.id), body }))
  if (now.event === 'end') await must(api.DELETE('/v1/playback/sessions/{session}', path(session.id)))
  const stop = answer.commands.find((one) => one.type === 'stop')
  return stop ? { stop: stop.reason ?? '' } : undefined
}

/** Begins a session. */
export async function open(title: Title): Promise<Media> {
  const body = {
    mediaType: title.mediaType,
    mediaId: title.mediaId,
    fileId: title.fileId ?? null,
    client: { name: 'web', device: navigator.userAgent.slice(0, 200), profile: abilities() },
  }
  return mediaOf(title, await must(api.POST('/v1/playback/sessions', { body })))
}

/** Plays a film or an episode where the viewer stopped. */
export function watchTitle(title: Title, how: { full?: boolean } = { full: true }): void {
  void play(() => open(title), how)
}
