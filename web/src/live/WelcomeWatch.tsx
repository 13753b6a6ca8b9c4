import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import type { WelcomeProps } from '~/kit/module'
import { Loaded, Logo } from '~/kit/parts'
import { watch } from '~/player/live'
import css from './live.module.css'

const SHOWN = 8

export default function WelcomeWatch({ next }: WelcomeProps) {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: ['live', 'channels', 'welcome'],
    queryFn: () =>
      must(api.GET('/polycast/v1/live/channels', { params: { query: { offset: 0, limit: SHOWN, sort: 'number' } } })),
  })
  return (
    <Stack>
      <Title order={2}>{t('welcome.watch.title')}</Title>
      <Text c="dimmed">{t('welcome.watch.about')}</Text>
      <Loaded query={query} rows={4}>
        {(data) => (
          <div>
            {data.items.length === 0 && <Text role="status">{t('welcome.watch.none')}</Text>}
            {data.items.map((channel) => (
              <div key={channel.id} className={css.line}>
                <Group gap="sm" wrap="nowrap">
                  <Logo url={channel.logo_url} name={channel.name} />
                  {[channel.number, clip(channel.name, 80)].filter(Boolean).join(' · ')}
                </Group>
                <Button
                  size="compact-md"
                  variant="default"
                  leftSection={<IconPlayerPlay size={16} />}
                  onClick={() => watch(channel.id)}
                  aria-label={`${t('live.watch')}: ${clip(channel.name, 60)}`}
                >
                  {t('live.watch')}
                </Button>
              </div>
            ))}
          </div>
        )}
      </Loaded>
      <Group>
        <Button onClick={() => next('done')}>{t('common.continue')}</Button>
        <Button variant="subtle" color="gray" onClick={() => next('skipped')}>
          {t('common.skip')}
        </Button>
      </Group>
    </Stack>
  )
}
