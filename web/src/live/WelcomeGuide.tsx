import { Button, Progress, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { JobPage } from '~/api/shapes'
import { clip, count } from '~/kit/format'
import type { WelcomeProps } from '~/kit/module'
import { ReasonText } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { SourceFields } from './SourceForm'
import { SOURCES } from './shapes'

// Channels come from these; a guide compared before they have ended would find none.
const MAKERS = ['live.refresh_account', 'live.create_channels']

/** How many channels there are, of all or of a kind. */
async function channelsWith(only: string): Promise<number> {
  const query = { offset: 0, limit: 1, ...(only ? { only } : {}) }
  return (await must(api.GET('/polycast/v1/live/channels', { params: { query } }))).total
}

/** Whether channels are still being made; undefined while it is not known. */
function useMaking(): boolean | undefined {
  const query = useQuery({
    queryKey: ['core', 'jobs', 'open'], // made old by each job that begins or ends
    queryFn: () => must(api.GET('/polycast/v1/jobs', { params: { query: { state: 'waiting,running', limit: 200 } } })),
    staleTime: 0,
  })
  return query.data?.items.some((job) => MAKERS.includes(job.name))
}

/** What becomes of the guide that was just added: it is read, compared with the channels, and given to the certain ones. */
function Matching({ at, next }: { at: string; next: WelcomeProps['next'] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const sources = useQuery({ queryKey: SOURCES, queryFn: () => must(api.GET('/polycast/v1/live/sources')) })
  const source = sources.data?.items.find((one) => one.ref === at)
  const look = useMutation({ mutationFn: () => must(api.POST('/polycast/v1/live/match', { body: {} })) })
  const take = useMutation({
    mutationFn: async () => {
      await must(api.POST('/polycast/v1/live/match/apply', { body: { certain: true } }))
      const [all, without] = await Promise.all([channelsWith(''), channelsWith('no_guide')])
      return { all, matched: all - without } // many found theirs by their id already, when guide and channels were read
    },
  })
  const jobs = useQuery<JobPage>({ queryKey: ['core', 'jobs', 'tray'], enabled: false }).data?.items
  const job = jobs?.find((one) => one.id === look.data?.id) ?? look.data
  const isRead = source?.status === 'success'
  const making = useMaking()
  useEffect(() => {
    if (isRead && making === false && look.isIdle) look.mutate()
  }, [isRead, making, look.isIdle, look.mutate])
  useEffect(() => {
    if (job?.state === 'done' && take.isIdle) take.mutate()
  }, [job?.state, take.isIdle, take.mutate])
  const error = look.error ?? take.error
  const isStuck = source?.status === 'error' || job?.state === 'failed' || job?.state === 'cancelled' || error
  if (isStuck)
    return (
      <ReasonText error={error ?? undefined} title={t('welcome.guide.failed')}>
        {clip(job?.error || source?.message || '')}
      </ReasonText>
    )
  if (take.data)
    return (
      <Stack>
        <ReasonText
          level="info"
          title={t('welcome.guide.have', { matched: count(take.data.matched, locale), count: take.data.all })}
        >
          {take.data.matched < take.data.all ? t('welcome.guide.rest') : ''}
        </ReasonText>
        <div>
          <Button onClick={() => next('done')}>{t('common.continue')}</Button>
        </div>
      </Stack>
    )
  const doing = t(!isRead ? 'welcome.guide.reading' : making ? 'welcome.guide.making' : 'welcome.guide.matching')
  return (
    <Stack>
      <Text role="status">{doing}</Text>
      <Progress value={job?.total ? (100 * job.done) / job.total : 100} animated aria-label={doing} />
    </Stack>
  )
}

export default function WelcomeGuide({ next }: WelcomeProps) {
  const { t } = useTranslation()
  const [added, setAdded] = useState('')
  return (
    <Stack>
      <Title order={2}>{t('welcome.guide.title')}</Title>
      <Text c="dimmed">{t('welcome.guide.about')}</Text>
      {added ? <Matching at={added} next={next} /> : <SourceFields first="guide" kinds={['guide']} onAdded={setAdded} />}
      <div>
        <Button variant="subtle" color="gray" onClick={() => next('skipped')}>
          {t('common.skip')}
        </Button>
      </div>
    </Stack>
  )
}
