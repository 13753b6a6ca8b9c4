import { ActionIcon, Button, Group, Indicator, Popover, Text } from '@mantine/core'
import { IconBell, IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Notice } from '~/api/shapes'
import { clip } from '~/kit/format'
import { Go } from '~/kit/go'
import { Dot, TimeAgo } from '~/kit/parts'
import css from './shell.module.css'

const KEY = ['core', 'notices']

function NoticeLine({ notice, drop }: { notice: Notice; drop: () => void }) {
  const { t } = useTranslation()
  return (
    <div className={css.notice} data-read={notice.is_read}>
      <Dot level={notice.level} />
      {notice.url ? <Go to={notice.url}>{clip(notice.title, 120)}</Go> : <b>{clip(notice.title, 120)}</b>}
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t('bell.drop')}: ${notice.title}`} onClick={drop}>
        <IconX size={14} />
      </ActionIcon>
      <span />
      <span className={css.small}>
        {clip(notice.text)} · <TimeAgo at={notice.at} />
      </span>
    </div>
  )
}

export function Bell() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/notifications')) })
  const again = { onSettled: () => cache.invalidateQueries({ queryKey: KEY }) }
  const readAll = useMutation({ mutationFn: () => must(api.POST('/polycast/v1/notifications/read-all')), ...again })
  const drop = useMutation({
    mutationFn: (id: number) => must(api.DELETE('/polycast/v1/notifications/{id}', { params: { path: { id } } })),
    ...again,
  })
  const unread = query.data?.unread ?? 0
  const notices = query.data?.items ?? []
  return (
    <Popover position="bottom-end" shadow="md" withRoles trapFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={unread ? t('bell.unread', { count: unread }) : t('bell.title')}
          style={{ overflow: 'visible' }}
        >
          <Indicator label={unread > 99 ? '99+' : unread} size={16} disabled={unread === 0} color="red" offset={1}>
            <IconBell size={20} />
          </Indicator>
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={css.tray} aria-label={t('bell.title')}>
        {notices.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('bell.none')}
          </Text>
        )}
        {notices.map((notice) => (
          <NoticeLine key={notice.id} notice={notice} drop={() => drop.mutate(notice.id)} />
        ))}
        <Group grow mt="xs">
          {unread > 0 && (
            <Button variant="subtle" size="compact-sm" onClick={() => readAll.mutate()}>
              {t('bell.readall')}
            </Button>
          )}
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
