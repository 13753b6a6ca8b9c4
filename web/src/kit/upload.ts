import { setExpired, signedInAgain } from '~/api/connection'
import { Failure, failureOf } from '~/api/failure'

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

interface How {
  method?: 'POST' | 'PUT'
  headers?: Readonly<Record<string, string>>
  onProgress?: (sent: number, total: number) => void // bytes
  signal?: AbortSignal
}

function once(url: string, body: Blob | FormData, how: How): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(how.method ?? 'POST', url)
    for (const [name, value] of Object.entries(how.headers ?? {})) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => how.onProgress?.(event.loaded, event.total)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Failure(0, 'unreachable', '', ''))
    request.onabort = () => reject(how.signal?.reason ?? new DOMException('aborted', 'AbortError'))
    how.signal?.addEventListener('abort', () => request.abort())
    request.send(body)
  })
}

/**
 * Sends a file with its progress, which `fetch` cannot tell; gives the answer's JSON. An expired session is signed in
 * again in place and the file is sent anew. Throws a `Failure` like `must`.
 */
export async function upload(url: string, body: Blob | FormData, how: How = {}): Promise<unknown> {
  const request = await once(url, body, how)
  if (request.status === 401) {
    setExpired(true)
    await signedInAgain(how.signal)
    return upload(url, body, how)
  }
  const answer = readJson(request.responseText)
  if (request.status >= 200 && request.status < 300) return answer
  const headers = new Headers({ 'X-Request-Id': request.getResponseHeader('X-Request-Id') ?? '' })
  throw failureOf(new Response(null, { status: request.status, headers }), answer)
}
