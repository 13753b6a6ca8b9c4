import { ActionIcon, Indicator, Popover, Progress, Text, VisuallyHidden } from '@mantine/core'
import { IconActivity, IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { withJob } from '~/api/rules'
import { serverNow } from '~/api/serverTime'
import type { Job, JobPage } from '~/api/shapes'
import { clip, clockLength, count, remaining } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { Dot, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import css from './shell.module.css'

const TRAY = ['core', 'jobs', 'tray']
const LEVELS: Readonly<Record<Job['state'], string>> = {
  waiting: 'info',
  running: 'info',
  done: 'good',
  failed: 'bad',
  cancelled: 'warning',
}
export const isOpen = (job: Job): boolean => job.state === 'waiting' || job.state === 'running'

/** It runs, or would if there were room: not what waits for a later time. */
const isBusy = (job: Job): boolean =>
  job.state === 'running' || (job.state === 'waiting' && Date.parse(job.due_at) <= serverNow())

export function JobLine({ job }: { job: Job }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const cache = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/jobs/{id}/cancel', { params: { path: { id: job.id } } })),
    onSuccess: (now) => cache.setQueryData<JobPage>(TRAY, (page) => page && { ...page, items: withJob(page.items, now) }),
    onError: (error) => toast.failed(t('jobs.notcancelled'), error),
  })
  const left = job.started_at ? remaining(job.done, job.total, Date.parse(job.started_at), serverNow()) : null
  const part = job.total ? Math.min(100, (100 * job.done) / job.total) : 100
  const figures = [
    job.total ? `${count(job.done, locale)} / ${count(job.total, locale)}` : job.done ? count(job.done, locale) : '',
    left === null ? '' : t('jobs.left', { time: clockLength(left) }),
  ]
  return (
    <div className={css.job}>
      <div className={css.jobHead}>
        <Dot level={LEVELS[job.state] ?? 'info'} label={t(`jobs.state.${job.state}`)} />
        <b>{clip(job.title || job.name, 120)}</b>
        {isOpen(job) ? (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`${t('jobs.cancel')}: ${job.title}`}
            onClick={() => cancel.mutate()}
            loading={cancel.isPending}
          >
            <IconX size={16} />
          </ActionIcon>
        ) : (
          job.ended_at && (
            <span className={css.small}>
              <TimeAgo at={job.ended_at} />
            </span>
          )
        )}
      </div>
      {job.state === 'running' && <Progress value={part} animated={!job.total} size="sm" aria-label={job.title} />}
      {job.state === 'running' && (
        <span className={`${css.small} tabular`}>{[...figures, clip(job.note, 120)].filter(Boolean).join(' · ')}</span>
      )}
      {job.state === 'waiting' && <span className={css.small}>{t('jobs.state.waiting')}</span>}
      {job.state === 'failed' && job.error && <span className={css.small}>{clip(job.error)}</span>}
    </div>
  )
}

/** Says aloud, once, that a job has ended. */
function useEndings(jobs: readonly Job[] | undefined): string {
  const { t } = useTranslation()
  const before = useRef(new Map<number, Job['state']>())
  const [said, setSaid] = useState('')
  useEffect(() => {
    for (const job of jobs ?? []) {
      const was = before.current.get(job.id)
      before.current.set(job.id, job.state)
      if (was && was !== job.state && !isOpen(job)) setSaid(`${job.title}: ${t(`jobs.state.${job.state}`)}`)
    }
  }, [jobs, t])
  return said
}

export function JobTray() {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: TRAY,
    queryFn: () => must(api.GET('/polycast/v1/jobs', { params: { query: { limit: 20 } } })),
  })
  const jobs = query.data?.items
  const open = jobs?.filter(isOpen) ?? []
  const said = useEndings(jobs)
  const busy = open.filter(isBusy).length
  const label = busy > 0 ? t('jobs.running', { count: busy }) : t('jobs.title')
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <Popover position="bottom-end" shadow="md" withRoles trapFocus>
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} style={{ overflow: 'visible' }}>
            <Indicator label={busy} size={16} disabled={busy === 0} offset={1}>
              <IconActivity size={20} />
            </Indicator>
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown className={css.tray} aria-label={t('jobs.title')}>
          {jobs?.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('jobs.none')}
            </Text>
          )}
          {[...open, ...(jobs ?? []).filter((job) => !isOpen(job))].slice(0, 8).map((job) => (
            <JobLine key={job.id} job={job} />
          ))}
          <LinkButton to="/activity?view=jobs" variant="subtle" fullWidth size="compact-sm" mt="xs">
            {t('jobs.all')}
          </LinkButton>
        </Popover.Dropdown>
      </Popover>
    </>
  )
}
