import { Button, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import type { WelcomeProps } from '~/kit/module'
import { ReasonText } from '~/kit/parts'
import { SourceFields } from './SourceForm'
import { SOURCES } from './shapes'
import { isGuide } from './sources'

/** What becomes of the playlist that was just added: its import, then channels of all its groups. */
function Importing({ at, next }: { at: string; next: WelcomeProps['next'] }) {
  const { t } = useTranslation()
  const sources = useQuery({ queryKey: SOURCES, queryFn: () => must(api.GET('/polycast/v1/live/sources')) })
  const source = sources.data?.items.find((one) => one.ref === at)
  const make = useMutation({
    mutationFn: async () => {
      await must(
        api.PATCH('/polycast/v1/live/sources/{ref}/groups', {
          params: { path: { ref: at } },
          body: { all: true, enabled: true, auto_sync: true },
        }),
      )
      await must(api.POST('/api/m3u/refresh/{account_id}/', { params: { path: { account_id: source?.id ?? 0 } } }))
    },
    onSuccess: () => next('done'),
  })
  if (!source) return <Progress value={100} animated aria-label={t('welcome.importing')} />
  if (source.status === 'error') return <ReasonText title={t('welcome.import.failed')}>{clip(source.message)}</ReasonText>
  if (source.groups === 0)
    return (
      <Stack>
        <Text>{t('welcome.importing')}</Text>
        <Progress
          value={source.job?.total ? (100 * source.job.done) / source.job.total : 100}
          animated
          aria-label={t('welcome.importing')}
        />
        <Text size="sm" c="dimmed" role="status">
          {clip(source.job?.note || source.message, 160)}
        </Text>
      </Stack>
    )
  return (
    <Stack>
      <Title order={3}>{clip(source.name, 80)}</Title>
      <Text>
        {t(source.streams > 0 ? 'welcome.found' : 'welcome.foundgroups', {
          streams: t('sources.streams', { count: source.streams }),
          groups: t('sources.groupcount', { count: source.groups }),
        })}
      </Text>
      {make.error && <ReasonText error={make.error} />}
      <Group>
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          {t('welcome.makeall')}
        </Button>
        <Button variant="default" onClick={() => next('done')}>
          {t('welcome.chooselater')}
        </Button>
      </Group>
    </Stack>
  )
}

export default function WelcomeSource({ next }: WelcomeProps) {
  const { t } = useTranslation()
  const sources = useQuery({ queryKey: SOURCES, queryFn: () => must(api.GET('/polycast/v1/live/sources')) })
  const [added, setAdded] = useState('')
  const before = sources.data?.items.find((one) => !isGuide(one) && !one.locked)?.ref
  const at = added || before
  return (
    <Stack>
      <Title order={2}>{t('welcome.source.title')}</Title>
      <Text c="dimmed">{t('welcome.source.about')}</Text>
      {at ? (
        <Importing at={at} next={next} />
      ) : (
        <SourceFields first="playlist" kinds={['playlist', 'xtream']} onAdded={setAdded} />
      )}
      <div>
        <Button variant="subtle" color="gray" onClick={() => next('skipped')}>
          {t('common.skip')}
        </Button>
      </div>
    </Stack>
  )
}
