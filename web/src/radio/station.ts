import { api, must, rowsOf } from '~/api/client'
import { upload } from '~/kit/upload'
import { type Channel, channelsOf, type Dj, type NowPlaying, type Played, type Playlist, type Server, type Track } from './shapes'

export const UPLOAD = '/radio/api/v2/mediafile/upload/'
export const KINDS = '.mp3,.flac,.aac,.m4a,.opus,.ogg,.wav'
export const LARGEST = 700_000_000 // bytes; the server's limit for one file

export const keyOf = (pk: number, part: string) => ['radio', 'station', pk, part] as const

/** A station with what is on, its streams and DJs. */
export interface Air {
  server: Server
  now: NowPlaying
  channels: readonly Channel[]
  djs: readonly Dj[]
}

export async function airOf(pk: number): Promise<Air> {
  const [server, now, channels, djs] = await Promise.all([
    must(api.GET('/radio/api/v2/servers/{pk}/', { params: { path: { pk } } })),
    must(api.GET('/radio/api/v2/nowplaying/{name}/', { params: { path: { name: String(pk) } } })),
    channelsOf(pk),
    must(api.GET('/radio/api/v2/djs/', { params: { query: { server: pk } } })),
  ])
  return {
    server: server as unknown as Server,
    now: now as unknown as NowPlaying,
    channels,
    djs: djs as unknown as readonly Dj[],
  }
}

export const serverOf = async (pk: number) =>
  (await must(api.GET('/radio/api/v2/servers/{pk}/', { params: { path: { pk } } }))) as unknown as Server

export async function musicOf(pk: number, text: string): Promise<{ count: number; results: readonly Track[] }> {
  const page = await must(
    api.GET('/radio/api/v2/music/', { params: { query: { server: pk, search_q: text, order: 1, limit: 100 } } }),
  )
  return page as unknown as { count: number; results: readonly Track[] }
}

export async function playlistsOf(pk: number): Promise<readonly Playlist[]> {
  return (await must(
    api.GET('/radio/api/v2/playlists/', { params: { query: { server: pk } } }),
  )) as unknown as readonly Playlist[]
}

export async function playedOf(pk: number): Promise<readonly Played[]> {
  const page = await must(api.GET('/radio/api/v2/history/', { params: { query: { server: pk, limit: 20 } } }))
  return rowsOf(page as unknown as { results: readonly Played[] })
}

/** Files one after another, so that one that is refused names itself. */
export async function addMusic(pk: number, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const form = new FormData()
    form.append('server_id', String(pk))
    form.append('filename', file)
    await upload(UPLOAD, form, { method: 'PUT' })
  }
}
