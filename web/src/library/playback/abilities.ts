// What this browser plays, found out by asking it: no list of browsers is ever right for long.

import type { Sent } from '~/api/shapes'

type Profile = NonNullable<NonNullable<Sent<'/v1/playback/sessions', 'post'>['client']>['profile']>

const VIDEO: readonly (readonly [string, string, number?])[] = [
  ['h264', 'avc1.640034', 8],
  ['hevc', 'hvc1.2.4.L153.B0'],
  ['vp9', 'vp09.00.41.08'],
  ['av1', 'av01.0.08M.08'],
]
const AUDIO: readonly (readonly [string, string])[] = [
  ['aac', 'mp4a.40.2'],
  ['opus', 'opus'],
  ['flac', 'fLaC'],
  ['mp3', 'mp4a.40.34'],
  ['ac3', 'ac-3'],
  ['eac3', 'ec-3'],
]

type Plays = (type: string) => boolean

const asked: Plays = (type) => typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(type)

/** A device profile of this browser. `channels` is what its sound output carries. */
export function abilities(plays: Plays = asked, channels = 2): Profile {
  return {
    containers: ['mp4', ...(plays('video/webm; codecs="vp9"') ? ['webm'] : [])],
    videoCodecs: VIDEO.filter(([, name]) => plays(`video/mp4; codecs="${name}"`)).map(([codec, , bitDepth]) => ({
      codec,
      ...(bitDepth === undefined ? {} : { bitDepth }),
    })),
    audioCodecs: AUDIO.filter(([, name]) => plays(`audio/mp4; codecs="${name}"`)).map(([codec]) => ({
      codec,
      maxChannels: Math.max(2, channels),
    })),
    hdr: [],
    subtitles: ['webvtt'],
    hls: true,
  }
}
