import { ActionIcon, Button, Popover, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconCalendarOff, IconSearch, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { serverNow } from '~/api/serverTime'
import { clip, clock, day } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { EmptyState, Page } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { watch } from '~/player/live'
import { GuideGrid, type Jump } from './GuideGrid'
import css from './guide.module.css'
import { DAY_S, ZOOMS } from './layout'
import { ProgrammeCard } from './ProgrammeCard'
import type { Filters, Programme } from './useGuide'

const DAYS = 14
const midnight = (shift: number): number => {
  const date = new Date()
  date.setHours(0, 0, 0, 0)
  date.setDate(date.getDate() + shift)
  return date.getTime() / 1000
}

function ProgrammeSearch({ group, onFound }: { group?: number; onFound: (row: number, time: number) => void }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 200)
  const found = useQuery({
    queryKey: ['live', 'guide-search', q, group ?? 0],
    queryFn: ({ signal }) =>
      must(
        api.GET('/polycast/v1/live/guide/search', { params: { query: { q, limit: 30, ...(group ? { group } : {}) } }, signal }),
      ),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  return (
    <Popover
      opened={q.length > 1 && found.data !== undefined}
      position="bottom-start"
      withRoles={false}
      shadow="md"
      width={340}
      onChange={() => setTyped('')}
    >
      <Popover.Target>
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t('guide.programmes')}
          aria-label={t('guide.programmes')}
        />
      </Popover.Target>
      <Popover.Dropdown p={6}>
        <div className={css.hits}>
          {found.data?.items.length === 0 && <span>{t('guide.nohits')}</span>}
          {found.data?.items.map((hit) => (
            <button
              key={hit.id}
              type="button"
              className={css.hit}
              onClick={() => {
                setTyped('')
                onFound(hit.row, hit.start)
              }}
            >
              {clip(hit.title, 100)}
              <span>
                {day(hit.start * 1000, locale)}, {clock(hit.start * 1000, locale)} · {clip(hit.channel_name, 60)}
              </span>
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

export default function GuidePage() {
  const { t } = useTranslation()
  const locale = useLocale()
  const { may } = useSession()
  const [{ group = '', q = '' }, change] = useSearch()
  const [zoom, setZoom] = useState(2)
  const [jump, setJump] = useState<Jump>(() => ({ time: serverNow() / 1000, row: 0, stamp: 0 }))
  const [open, setOpen] = useState<Programme | null>(null)
  const [left, setLeft] = useState(() => midnight(0))
  const [search] = useDebouncedValue(q, 200)
  const filters = useMemo<Filters>(
    () => ({ ...(group ? { group: Number(group) } : {}), ...(search ? { search } : {}) }),
    [group, search],
  )
  const groups = useQuery({
    queryKey: ['live', 'groups'],
    queryFn: () => must(api.GET('/api/channels/groups/')),
    enabled: may('live:read'),
  })
  const go = (to: Omit<Jump, 'stamp'>) => setJump((before) => ({ ...to, stamp: before.stamp + 1 }))
  const days = useMemo(() => Array.from({ length: DAYS + 1 }, (_, index) => midnight(index - 1)), [])
  const seen = days.findLast((start) => start <= left + 1800) ?? days[1] ?? 0
  const onTime = useCallback(
    (time: number) => setLeft((before) => (Math.floor(before / 3600) === Math.floor(time / 3600) ? before : time)),
    [],
  )
  const onZoom = useCallback((step: 1 | -1) => setZoom((at) => Math.min(ZOOMS.length - 1, Math.max(0, at + step))), [])
  const toDay = (value: string | null) => {
    const start = Number(value)
    const sinceMidnight = (serverNow() / 1000 - midnight(0)) % DAY_S
    go({ time: start + (start === midnight(0) ? sinceMidnight : 20 * 3600) })
  }
  return (
    <Page
      title={t('guide.title')}
      fill
      actions={
        <div className={css.bar}>
          <Button variant="default" onClick={() => go({ time: serverNow() / 1000 })}>
            {t('guide.now')}
          </Button>
          <Select
            aria-label={t('guide.day')}
            w={150}
            value={String(seen)}
            onChange={toDay}
            data={days.map((start) => ({ value: String(start), label: day(start * 1000, locale) }))}
            allowDeselect={false}
            maxDropdownHeight={360}
          />
          {may('live:read') && (
            <Select
              aria-label={t('guide.group')}
              placeholder={t('guide.group')}
              w={170}
              searchable
              clearable
              limit={100}
              value={group || null}
              onChange={(value) => change({ group: value ?? '' })}
              data={rowsOf(groups.data ?? []).map((one) => ({ value: String(one.id), label: clip(one.name, 60) }))}
              clearButtonProps={{ 'aria-label': t('common.all') }}
            />
          )}
          <TextInput
            value={q}
            w={170}
            onChange={(event) => change({ q: event.currentTarget.value })}
            placeholder={t('guide.channels')}
            aria-label={t('guide.channels')}
          />
          <ProgrammeSearch group={filters.group} onFound={(row, time) => go({ row, time })} />
          <ActionIcon.Group>
            <ActionIcon variant="default" size="lg" aria-label={t('guide.zoomout')} onClick={() => onZoom(-1)}>
              <IconZoomOut size={18} />
            </ActionIcon>
            <ActionIcon variant="default" size="lg" aria-label={t('guide.zoomin')} onClick={() => onZoom(1)}>
              <IconZoomIn size={18} />
            </ActionIcon>
          </ActionIcon.Group>
        </div>
      }
    >
      <GuideGrid
        key={`${group}/${search}`}
        filters={filters}
        zoom={ZOOMS[zoom] ?? 4}
        jump={jump}
        onOpen={setOpen}
        onWatch={(channelId) => watch(channelId)}
        onTime={onTime}
        onZoom={onZoom}
        empty={
          <EmptyState
            icon={IconCalendarOff}
            title={t('guide.none')}
            action={may('live:write') ? <LinkButton to="/live/sources">{t('guide.sources')}</LinkButton> : undefined}
          >
            {t('guide.none.about')}
          </EmptyState>
        }
      />
      {open && <ProgrammeCard programme={open} onClose={() => setOpen(null)} />}
    </Page>
  )
}
