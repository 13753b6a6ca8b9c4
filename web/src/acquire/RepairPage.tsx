import { Button } from '@mantine/core'
import { IconStethoscope } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Card, Dot, EmptyState, Loaded, TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { AcquirePage } from './AcquirePage'
import css from './acquire.module.css'
import { REPAIR, type Repair } from './shapes'

const LEVELS: Readonly<Record<string, string>> = { running: 'info', completed: 'good', failed: 'bad', cancelled: 'warning' }

function Run({ run, onProcess }: { run: Repair['runs'][number]; onProcess?: () => void }) {
  const { t } = useTranslation()
  return (
    <div className={css.line}>
      <span className={css.grow}>
        <Dot level={run.is_pending ? 'warning' : (LEVELS[run.status] ?? 'info')} /> <TimeAgo at={run.started_at} />
        <div className={css.dim}>{t('acquire.repair.line', { ...run })}</div>
        {run.held_back > 0 && <div className={css.dim}>{t('acquire.repair.heldBack', { count: run.held_back })}</div>}
        {run.error && <div className={css.dim}>{run.error}</div>}
      </span>
      {run.is_pending && onProcess && (
        <Button size="xs" variant="default" onClick={onProcess}>
          {t('acquire.repair.process')}
        </Button>
      )}
    </div>
  )
}

export default function RepairPage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { may } = useSession()
  const query = useQuery({ queryKey: REPAIR, queryFn: () => must(api.GET('/polycast/v1/acquire/repair')) })
  const options = {
    onSuccess: () => cache.invalidateQueries({ queryKey: REPAIR }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  const start = useMutation({
    mutationFn: (fixes: boolean) => must(api.POST('/polycast/v1/acquire/repair', { body: { fixes, everything: true } })),
    ...options,
  })
  const stop = useMutation({ mutationFn: () => must(api.POST('/polycast/v1/acquire/repair/stop')), ...options })
  const process = useMutation({
    mutationFn: (run_id: string) =>
      must(api.POST('/polycast/v1/acquire/repair/{run_id}/process', { params: { path: { run_id } } })),
    ...options,
  })
  const write = may('acquire:write')
  const running = query.data?.runs.some((run) => run.status === 'running')
  const actions = write && (
    <div className={css.row}>
      {running ? (
        <Button variant="default" onClick={() => stop.mutate()}>
          {t('acquire.repair.stop')}
        </Button>
      ) : (
        <>
          <Button variant="default" onClick={() => start.mutate(true)}>
            {t('acquire.repair.fix')}
          </Button>
          <Button onClick={() => start.mutate(false)}>{t('acquire.repair.start')}</Button>
        </>
      )}
    </div>
  )
  return (
    <AcquirePage title={t('acquire.repair')} actions={actions}>
      <Loaded query={query}>
        {({ runs, sick, next_at }) =>
          runs.length === 0 ? (
            <EmptyState icon={IconStethoscope} title={t('acquire.repair.none')} />
          ) : (
            <>
              <Card title={t('acquire.repair.sick')}>
                {sick.length === 0 && <div className={css.dim}>{t('acquire.repair.allWell')}</div>}
                {sick.map((one) => (
                  <div key={one.name} className={css.line}>
                    <span className={css.grow}>
                      <Dot level={one.status === 'broken' ? 'bad' : 'warning'} /> {one.name}
                    </span>
                    <span className={css.dim}>{one.reason}</span>
                  </div>
                ))}
              </Card>
              <Card title={t('acquire.repair.runs')}>
                {next_at && (
                  <div className={css.dim}>
                    <TimeAgo at={next_at} prefix={`${t('acquire.repair.next')} `} />
                  </div>
                )}
                {runs.map((run) => (
                  <Run key={run.id} run={run} onProcess={write ? () => process.mutate(run.id) : undefined} />
                ))}
              </Card>
            </>
          )
        }
      </Loaded>
    </AcquirePage>
  )
}
