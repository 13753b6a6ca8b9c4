import { setExpired, setReach, signedInAgain } from './connection'
import { createParser, type Message } from './sse'

const URL_OF_EVENTS = '/polycast/v1/events'
const SILENCE_MS = 40_000 // the server beats every 15 s; twice missed and the line is dead
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000] as const

export interface EventSink {
  message(name: string, body: unknown, stored: boolean): void
  /** After a gap that cannot be replayed: everything on the page may be old. */
  resync(): void
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Keeps one event stream open for as long as the page lives; returns the way to end it. `from` is the event that is
 * already known of: what happened since then, before the line stood, is told first.
 */
export function openEvents(sink: EventSink, from: number): () => void {
  const end = new AbortController()
  let last = from > 0 ? String(from) : ''
  let boot = ''
  let failures = 0

  const take = (message: Message) => {
    if (message.id) last = message.id
    const body = readJson(message.data)
    if (message.event === 'resync') return sink.resync()
    if (message.event === 'hello') {
      const now = typeof body === 'object' && body && 'boot' in body ? String(body.boot) : ''
      if (boot && now !== boot) sink.resync()
      boot = now
      return
    }
    sink.message(message.event, body, message.id !== '')
  }

  const read = async (signal: AbortSignal, alive: () => void) => {
    const headers: HeadersInit = last ? { 'Last-Event-ID': last } : {}
    const response = await fetch(URL_OF_EVENTS, { headers, signal, credentials: 'same-origin', cache: 'no-store' })
    if (response.status === 401) {
      setExpired(true)
      await signedInAgain(signal)
      return
    }
    if (!response.ok || !response.body) throw new Error(`events: ${response.status}`)
    failures = 0
    setReach('online')
    const feed = createParser(take)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      alive()
      feed(value)
    }
  }

  const once = async () => {
    const line = new AbortController()
    const stop = () => line.abort()
    end.signal.addEventListener('abort', stop)
    let timer = setTimeout(stop, SILENCE_MS)
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(stop, SILENCE_MS)
    }
    try {
      await read(line.signal, alive)
    } finally {
      clearTimeout(timer)
      end.signal.removeEventListener('abort', stop)
    }
  }

  const run = async () => {
    while (!end.signal.aborted) {
      try {
        await once()
      } catch {
        if (end.signal.aborted) return
        failures += 1
        if (failures > 1) setReach('lost')
      }
      const wait = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 1_000
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  void run()
  return () => end.abort()
}
