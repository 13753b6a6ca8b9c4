/** Why there is no picture, in a word that a string explains; `tryNext` when another way may work. */
export interface Trouble {
  reason: 'codec' | 'offline' | 'busy' | 'gone' | 'refused' | 'ended' | 'stalled' | 'server' | 'blocked' | 'stopped'
  said: string // technical, for the details
  tryNext: boolean
}

/** What an HTTP status of the stream means for a viewer; 0 when there was none. */
export function fromStatus(status: number, said: string): Trouble {
  if (status === 404 || status === 410) return { reason: 'gone', said, tryNext: false }
  if (status === 401 || status === 403) return { reason: 'refused', said, tryNext: false }
  if (status === 429 || status === 503) return { reason: 'busy', said, tryNext: false }
  if (status >= 500) return { reason: 'server', said, tryNext: true }
  return { reason: 'offline', said, tryNext: true }
}

/** Errors of mpegts.js (`NetworkError`/`MediaError` + detail) and hls.js (`networkError`/`mediaError` + detail). */
export function fromEngine(type: string, detail: string, status = 0): Trouble {
  const said = [type, detail, status || ''].filter(Boolean).join(' ')
  const words = `${type} ${detail}`.toLowerCase()
  if (/codec|unsupported|format|mse|incompatible|addsourcebuffer|bufferappend/.test(words))
    return { reason: 'codec', said, tryNext: true }
  if (/earlyeof|unrecoverable/.test(words)) return { reason: 'ended', said, tryNext: true }
  if (/network|timeout|load/.test(words)) return fromStatus(status, said)
  return { reason: 'server', said, tryNext: true }
}

/** Errors of the media element itself. Source: WHATWG HTML, MediaError. */
export function fromElement(code: number, message: string): Trouble {
  if (code === 2) return { reason: 'offline', said: message, tryNext: true }
  return { reason: 'codec', said: message || `media error ${code}`, tryNext: true }
}
