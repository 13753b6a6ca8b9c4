import { Button, Group, Select, TextInput } from '@mantine/core'
import { IconDownload, IconTimeline } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, Logo, TimeAgo } from '~/kit/parts'
import { useSearch } from '~/kit/useSearch'
import { MonitorPage } from './MonitorPage'
import css from './monitor.module.css'
import { HISTORY, type Line } from './shapes'

const SIZE = 50
const TYPES = ['all', 'channel', 'vod', 'recording', 'disk', 'health']

function Entry({ line }: { line: Line }) {
  return (
    <div className={css.line}>
      <Logo url={null} name={line.channel_name || line.title} size={36} />
      <span className={css.grow}>
        {clip(line.message, 160)}
        <div className={css.dim}>
          {clip(line.dvr_name, 40)}
          {line.program_title && line.program_title !== line.channel_name && ` · ${clip(line.program_title, 60)}`}
          {line.stream_source && ` · ${clip(line.stream_source, 40)}`}
        </div>
      </span>
      <span className={css.dim}>
        <TimeAgo at={line.timestamp} />
      </span>
    </div>
  )
}

export default function TimelinePage() {
  const { t } = useTranslation()
  const [values, change] = useSearch()
  const offset = Number(values.from) || 0
  const asked = { type: values.type || 'all', search: values.q || '', offset, limit: SIZE }
  const query = useQuery({
    queryKey: [...HISTORY, asked],
    queryFn: () => must(api.GET('/api/activity-history', { params: { query: asked } })),
    placeholderData: keepPreviousData,
  })
  const total = query.data?.total ?? 0
  return (
    <MonitorPage
      title={t('monitor.timeline')}
      about={total > 0 && t('monitor.total', { count: total })}
      actions={
        <Button
          component="a"
          href="/api/v1/history/export?format=csv"
          variant="default"
          leftSection={<IconDownload size={16} />}
          download
        >
          {t('monitor.export')}
        </Button>
      }
    >
      <div className={css.row}>
        <TextInput
          label={t('monitor.search')}
          defaultValue={values.q ?? ''}
          onChange={(event) => change({ q: event.currentTarget.value, from: '' })}
          style={{ flex: 2, minWidth: 180 }}
        />
        <Select
          label={t('monitor.type')}
          data={TYPES.map((value) => ({ value, label: t(`monitor.type.${value}`) }))}
          value={asked.type}
          onChange={(type) => change({ type: type && type !== 'all' ? type : '', from: '' })}
          allowDeselect={false}
          style={{ flex: 1, minWidth: 140 }}
        />
      </div>
      <Loaded query={query}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState icon={IconTimeline} title={t('monitor.empty')}>
              {t('monitor.empty.about')}
            </EmptyState>
          ) : (
            <Card>
              {page.items.map((line) => (
                <Entry key={line.id} line={line} />
              ))}
              <Group justify="space-between" mt="sm">
                <Button
                  variant="default"
                  disabled={offset === 0}
                  onClick={() => change({ from: offset > SIZE ? String(offset - SIZE) : '' })}
                >
                  {t('monitor.newer')}
                </Button>
                <Button
                  variant="default"
                  disabled={offset + SIZE >= page.total}
                  onClick={() => change({ from: String(offset + SIZE) })}
                >
                  {t('monitor.older')}
                </Button>
              </Group>
            </Card>
          )
        }
      </Loaded>
    </MonitorPage>
  )
}
