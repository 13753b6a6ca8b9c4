import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failureOf } from './failure'
import { CORE_RULES, cacheSink, matches, withMeasure } from './rules'
import { learnTime, serverNow } from './serverTime'
import type { Job, JobPage } from './shapes'
import { createParser, type Message } from './sse'

const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers })

describe('the event stream', () => {
  it('may be cut anywhere', () => {
    const found: Message[] = []
    const feed = createParser((message) => found.push(message))
    const text = 'id: 7\nevent: core.job_changed\ndata: {"a":\ndata: 1}\n\n: beat\n\nevent: resync\r\ndata: {}\r\n\r\n'
    for (const letter of text) feed(letter)
    expect(found).toEqual([
      { id: '7', event: 'core.job_changed', data: '{"a":\n1}' },
      { id: '', event: 'resync', data: '{}' },
    ])
  })
})

describe('a refusal', () => {
  it('in our words names the fields', () => {
    const failure = failureOf(answer(400, { 'X-Request-Id': 'r1' }), {
      code: 'invalid',
      detail: 'No.',
      problems: [{ path: 'name', code: 'blank', text: 'A name is needed.' }],
    })
    expect(failure.problems[0]?.text).toBe('A name is needed.')
    expect(failure.requestId).toBe('r1')
  })
  it('in the words of the Dispatcharr dialect names them too', () => {
    const failure = failureOf(answer(400), { name: ['This field is required.'] })
    expect(failure.problems).toEqual([{ path: 'name', code: 'invalid', text: 'This field is required.' }])
    expect(failure.message).toBe('This field is required.')
  })
  it('in the words of the library dialect names them too', () => {
    const details = [{ path: 'name', message: 'No more than 200 characters.' }]
    const failure = failureOf(answer(422), { error: 'Validation error', details, requestId: 'r2' })
    expect(failure.problems).toEqual([{ path: 'name', code: '', text: 'No more than 200 characters.' }])
    expect(failure.detail).toBe('No more than 200 characters.')
  })
  it('without any body still has a name', () => {
    expect(failureOf(answer(502), undefined).code).toBe('http_502')
    expect(failureOf(answer(429, { 'Retry-After': '30' }), '').retryAfter).toBe(30)
  })
})

describe('an event', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const job = (part: Partial<Job>) => ({ id: 1, state: 'running', done: 1, ...part }) as Job

  it('fits rules by name or by beginning', () => {
    expect(matches({ on: 'live.channel*' }, 'live.channels_changed')).toBe(true)
    expect(matches({ on: 'live.channel' }, 'live.channels_changed')).toBe(false)
  })
  it('of a job moves the row that is known, without asking', () => {
    const cache = new QueryClient()
    const asked = vi.spyOn(cache, 'invalidateQueries')
    cache.setQueryData(['core', 'jobs', 'tray'], { items: [job({})], next: null })
    const sink = cacheSink(cache, () => CORE_RULES)
    sink.message('core.job_changed', job({ done: 5, total: 10 }), false)
    vi.advanceTimersByTime(1_000)
    const items = cache.getQueryData<JobPage>(['core', 'jobs', 'tray'])?.items
    expect(items?.map((one) => [one.id, one.done])).toEqual([[1, 5]])
    expect(asked).not.toHaveBeenCalled()
  })
  it('of a new job, or of a new state, asks for the list', () => {
    const cache = new QueryClient()
    const asked = vi.spyOn(cache, 'invalidateQueries')
    cache.setQueryData(['core', 'jobs', 'tray'], { items: [job({})], next: null })
    const sink = cacheSink(cache, () => CORE_RULES)
    const lists = () => asked.mock.calls.filter(([filter]) => filter?.queryKey?.[1] === 'jobs').length
    sink.message('core.job_changed', job({ id: 2 }), false)
    vi.advanceTimersByTime(1_000)
    expect(lists()).toBe(1)
    sink.message('core.job_changed', job({ state: 'done' }), true)
    vi.advanceTimersByTime(1_000)
    expect(lists()).toBe(2)
  })
  it('that comes while the first answer is on its way has it asked for again', async () => {
    const cache = new QueryClient()
    const answers: ((value: string) => void)[] = []
    const queryFn = () => new Promise<string>((resolve) => answers.push(resolve))
    const stop = new QueryObserver(cache, { queryKey: ['library', 'folders'], queryFn }).subscribe(() => undefined)
    const sink = cacheSink(cache, () => [{ on: 'library.*', keys: [['library', 'folders']] }])
    sink.message('library.library_changed', {}, true)
    await vi.advanceTimersByTimeAsync(1_000)
    answers[0]?.('as it was')
    await vi.advanceTimersByTimeAsync(1_000)
    answers[1]?.('as it is')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(cache.getQueryData(['library', 'folders'])).toBe('as it is')
    stop()
  })
  it('that is only told does not move a rule for facts', () => {
    const cache = new QueryClient()
    const asked = vi.spyOn(cache, 'invalidateQueries')
    const sink = cacheSink(cache, () => [{ on: 'live.channel*', keys: [['live', 'channels']], facts: true }])
    sink.message('live.channel_stats', {}, false)
    vi.advanceTimersByTime(1_000)
    expect(asked).not.toHaveBeenCalled()
  })
  it('that comes five hundred times asks for a list once', () => {
    const cache = new QueryClient()
    const asked = vi.spyOn(cache, 'invalidateQueries')
    const sink = cacheSink(cache, () => [{ on: 'live.channel*', keys: [['live', 'channels']] }])
    for (let index = 0; index < 500; index++) sink.message('live.channel_changed', { id: index }, true)
    expect(asked).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(asked.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([
      ['core', 'activity'],
      ['live', 'channels'],
    ])
  })
  it('of a measurement moves the curve on and keeps an hour', () => {
    const at = Array.from({ length: 720 }, (_, index) => index)
    const series = withMeasure(
      { at, cpu: at, memory_bytes: at, sent_bps: at, memory_total_bytes: 1 },
      { at: 720, cpu: 0.5, memory_bytes: 2, sent_bps: 3 },
    )
    expect(series.cpu).toHaveLength(720)
    expect(series.cpu.at(-1)).toBe(0.5)
  })
})

describe('a clock that is wrong', () => {
  it('is set right by the server, and left alone when it is right', () => {
    learnTime(new Date(Date.now() + 3_600_000).toUTCString())
    expect(Math.abs(serverNow() - Date.now() - 3_600_000)).toBeLessThan(2_000)
    learnTime('nonsense')
    expect(serverNow() - Date.now()).toBeGreaterThan(3_000_000)
    learnTime(new Date().toUTCString())
    expect(serverNow() - Date.now()).toBe(0)
  })
})
