import type { Answer } from '~/api/shapes'

export type Overview = Answer<'/api/v1/monitor/overview'>
export type Server = Overview['servers'][number]
export type Line = Answer<'/api/activity-history'>['items'][number]
export type Rule = Answer<'/api/v1/monitor/rules'>[number]
export type Stats = Answer<'/api/v1/monitor/stats'>
export type Incident = Overview['incidents'][number]

export const OVERVIEW = ['monitor', 'overview'] as const
export const HISTORY = ['monitor', 'history'] as const
export const INCIDENTS = ['monitor', 'incidents'] as const
export const RULES = ['monitor', 'rules'] as const
export const STATS = ['monitor', 'stats'] as const
export const LOG = ['monitor', 'log'] as const

/** How a server is, as a coloured dot says it. */
export function levelOf(server: Server): 'good' | 'warning' | 'bad' | 'info' {
  if (!server.enabled) return 'info'
  if (!server.connected || server.monitoring_status === 'dead') return 'bad'
  if (server.monitoring_status !== 'healthy' || server.disk_severity !== 'normal') return 'warning'
  return 'good'
}

/** The word for how it is: a key of a string. */
export function stateOf(server: Server): string {
  if (!server.enabled) return 'monitor.state.off'
  if (!server.connected) return 'monitor.state.away'
  return `monitor.state.${server.monitoring_status}`
}

/** Those that need somebody first, then by name. */
export function sorted(servers: readonly Server[]): Server[] {
  const rank = { bad: 0, warning: 1, good: 2, info: 3 }
  return [...servers].sort((a, b) => rank[levelOf(a)] - rank[levelOf(b)] || a.name.localeCompare(b.name))
}
