import { ActionIcon, Button, Group, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { WeekGrid, type WeekItem } from '~/kit/WeekGrid'
import { DAY_MIN, type Slot } from '~/kit/week'
import { type Draft, EventDialog } from './EventDialog'
import { StationTop } from './RadioPage'
import { mondayOf, movedTo, type Occurrence, slotOf, timeOf, WEEKDAYS, weekOf } from './schedule'
import type { Server } from './shapes'
import { keyOf, serverOf } from './station'

const WEEK_MS = 7 * DAY_MIN * 60_000

interface Item extends WeekItem {
  one: Occurrence
}

function itemOf(one: Occurrence, monday: number, zone: string): Item {
  return {
    one,
    id: `${one.id ?? `after-${one.parent_id}`}-${one.start_ts}`,
    title: clip(one.name, 80),
    ...(one.color && { colour: one.color }),
    isFixed: one.id === null || one.start_ts < monday,
    ...slotOf(one, monday, zone),
  }
}

function Schedule({ server }: { server: Server }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const cache = useQueryClient()
  const day = new Intl.DateTimeFormat(locale, { timeZone: server.timezone, weekday: 'short', day: 'numeric', month: 'short' })
  const [monday, setMonday] = useState(() => mondayOf(Date.now(), server.timezone))
  const [draft, setDraft] = useState<Draft | null>(null)
  const query = useQuery({
    queryKey: [...keyOf(server.id, 'grid'), monday],
    queryFn: () => weekOf(server.id, monday),
    placeholderData: (before) => before,
  })
  const again = () => cache.invalidateQueries({ queryKey: keyOf(server.id, 'grid') })
  const move = useMutation({
    mutationFn: ({ one, to }: { one: Occurrence; to: Slot }) =>
      must(
        api.PUT('/radio/api/v2/grid/{pk}/', {
          params: { path: { pk: one.id ?? 0 } },
          body: movedTo(one, to, monday, server.timezone),
        }),
      ),
    onSettled: again,
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const create = (slot: Slot) => {
    const weekday = WEEKDAYS[Math.floor(slot.start / DAY_MIN) % 7]
    const noon = monday + (Math.floor(slot.start / DAY_MIN) * DAY_MIN + DAY_MIN / 2) * 60_000
    const start_date = new Intl.DateTimeFormat('en-CA', { timeZone: server.timezone }).format(noon)
    setDraft({ start_time: timeOf(slot.start), start_date, ...(weekday && { [`wd_${weekday}`]: true }) })
  }
  const step = (weeks: number) => setMonday(mondayOf(monday + weeks * WEEK_MS + WEEK_MS / 14, server.timezone))
  return (
    <>
      <Group justify="space-between">
        <Group gap="xs">
          <ActionIcon variant="default" aria-label={t('radio.week.before')} onClick={() => step(-1)}>
            <IconChevronLeft size={18} />
          </ActionIcon>
          <Text fw={600}>
            {day.format(monday)} – {day.format(monday + WEEK_MS - 1)}
          </Text>
          <ActionIcon variant="default" aria-label={t('radio.week.after')} onClick={() => step(1)}>
            <IconChevronRight size={18} />
          </ActionIcon>
          <Text size="sm" c="dimmed">
            {server.timezone}
          </Text>
        </Group>
        <Button leftSection={<IconPlus size={16} />} onClick={() => create({ start: 8 * 60, end: 9 * 60 })}>
          {t('radio.event.add')}
        </Button>
      </Group>
      <Loaded query={query}>
        {(rows) => (
          <WeekGrid
            label={t('radio.schedule')}
            items={rows.map((one) => itemOf(one, monday, server.timezone))}
            onOpen={({ one }) => one.id !== null && setDraft(one)}
            onCreate={create}
            onMove={({ one }, to) => move.mutate({ one, to })}
          />
        )}
      </Loaded>
      {draft && (
        <EventDialog
          key={`${draft.id ?? 'new'}-${draft.start_time}`}
          pk={server.id}
          draft={draft}
          onClose={() => setDraft(null)}
          onDone={() => {
            setDraft(null)
            void again()
          }}
        />
      )}
    </>
  )
}

export default function SchedulePage() {
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const { t } = useTranslation()
  const pk = Number(ref)
  const query = useQuery({ queryKey: keyOf(pk, 'server'), queryFn: () => serverOf(pk) })
  return (
    <StationTop pk={pk} title={query.data ? clip(query.data.title, 80) : t('radio.schedule')}>
      <Loaded query={query}>{(server) => <Schedule server={server} />}</Loaded>
    </StationTop>
  )
}
