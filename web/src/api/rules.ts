import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'
import type { EventSink } from './events'
import type { Job, JobPage, Measures } from './shapes'

/** What an event does to the cache. `on` is a name, or a prefix ending in `*`. */
export interface EventRule {
  on: string
  /** Queries that are old now; a function is asked before `patch` has changed anything. */
  keys?: readonly QueryKey[] | ((cache: QueryClient, body: unknown) => readonly QueryKey[])
  /** The event carries the row: put it in place instead of asking again. */
  patch?: (cache: QueryClient, body: unknown) => void
  /** Only when it is a fact that was stored: meters and progress, told each second, do not count. */
  facts?: boolean
}

export const matches = (rule: EventRule, name: string): boolean =>
  rule.on.endsWith('*') ? name.startsWith(rule.on.slice(0, -1)) : rule.on === name

/** The list with `job` in it: in place, or first when it is new. */
export function withJob(jobs: readonly Job[], job: Job): Job[] {
  const at = jobs.findIndex((one) => one.id === job.id)
  return at < 0 ? [job, ...jobs] : jobs.map((one, index) => (index === at ? job : one))
}

const TRAY = ['core', 'jobs', 'tray'] as const

/** Which jobs there are is asked for again when one begins or ends; how far it is stands in the event's own row. */
function jobsMoved(cache: QueryClient, body: unknown): readonly QueryKey[] {
  const { id, state } = body as Job
  const known = cache.getQueryData<JobPage>(TRAY)?.items.find((one) => one.id === id)
  return known?.state === state ? [] : [['core', 'jobs']]
}

function patchJobs(cache: QueryClient, body: unknown): void {
  cache.setQueryData<JobPage>(TRAY, (page) => page && { ...page, items: withJob(page.items, body as Job) })
}

const MEASURES_KEPT = 720 // an hour of one every 5 s

interface Measured {
  at: number // unix seconds
  cpu: number
  memory_bytes: number
  sent_bps: number
}

export function withMeasure(series: Measures, now: Measured): Measures {
  const add = (list: readonly number[], value: number) => [...list.slice(1 - MEASURES_KEPT), value]
  return {
    ...series,
    at: add(series.at, now.at),
    cpu: add(series.cpu, now.cpu),
    memory_bytes: add(series.memory_bytes, now.memory_bytes),
    sent_bps: add(series.sent_bps, now.sent_bps),
  }
}

function patchMeasures(cache: QueryClient, body: unknown): void {
  cache.setQueryData<Measures>(['core', 'measures'], (series) => series && withMeasure(series, body as Measured))
}

export const CORE_RULES: readonly EventRule[] = [
  { on: 'core.job_changed', keys: jobsMoved, patch: patchJobs },
  { on: 'core.system_measured', patch: patchMeasures },
  { on: 'core.notification_added', keys: [['core', 'notices']] },
  { on: 'core.settings_changed', keys: [['core', 'settings']] },
  {
    on: 'core.user_*',
    keys: [
      ['core', 'users'],
      ['core', 'session'],
    ],
  },
]

/** Asked for, and without an answer yet: Query takes that answer for fresh although the event may be younger. */
const isFirst = (query: Query): boolean => query.state.data === undefined
const noop = () => undefined

const GATHER_MS = 150 // a bulk edit sends hundreds of events; each query is asked for once

/** Turns the event stream into changes of the cache. */
export function cacheSink(cache: QueryClient, rules: () => readonly EventRule[]): EventSink {
  const old = new Map<string, QueryKey>()
  let due = false
  const flush = () => {
    due = false
    const keys = [...old.values()]
    old.clear()
    for (const queryKey of keys) {
      const first = cache.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching', predicate: isFirst })
      void cache.invalidateQueries({ queryKey })
      for (const one of first)
        void one.promise?.then(() => cache.invalidateQueries({ queryKey: one.queryKey, exact: true }), noop)
    }
  }
  const mark = (key: QueryKey) => {
    old.set(JSON.stringify(key), key)
    if (!due) setTimeout(flush, GATHER_MS)
    due = true
  }
  return {
    message(name, body, stored) {
      if (stored) mark(['core', 'activity'])
      for (const rule of rules()) {
        if (!matches(rule, name) || (rule.facts && !stored)) continue
        const keys = typeof rule.keys === 'function' ? rule.keys(cache, body) : rule.keys
        rule.patch?.(cache, body)
        for (const key of keys ?? []) mark(key)
      }
    },
    resync: () => void cache.invalidateQueries(),
  }
}
