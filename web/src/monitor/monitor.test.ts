import { describe, expect, it } from 'vitest'
import { levelOf, type Server, sorted, stateOf } from './shapes'

const server = (part: Partial<Server>) =>
  ({ name: 'a', enabled: true, connected: true, monitoring_status: 'healthy', disk_severity: 'normal', ...part }) as Server

describe('a watched server', () => {
  it('is bad when it does not answer, whatever else is so', () => {
    expect(levelOf(server({ connected: false }))).toBe('bad')
    expect(stateOf(server({ connected: false }))).toBe('monitor.state.away')
  })
  it('warns of a full disk and of silence', () => {
    expect(levelOf(server({ disk_severity: 'critical' }))).toBe('warning')
    expect(levelOf(server({ monitoring_status: 'stale' }))).toBe('warning')
  })
  it('that is switched off worries nobody', () => {
    expect(levelOf(server({ enabled: false, connected: false }))).toBe('info')
  })
  it('that needs somebody stands first', () => {
    const servers = [
      server({ name: 'good' }),
      server({ name: 'off', enabled: false }),
      server({ name: 'gone', connected: false }),
    ]
    expect(sorted(servers).map((one) => one.name)).toEqual(['gone', 'good', 'off'])
  })
})
