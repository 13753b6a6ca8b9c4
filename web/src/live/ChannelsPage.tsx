import { Button, MultiSelect, Select, Switch, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconColumns2, IconDeviceTv, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { type Column, DataTable } from '~/kit/DataTable'
import { clip, count } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { Dot, EmptyState, Logo, ReasonText, Skeletons } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { watch } from '~/player/live'
import { ChannelTools } from './ChannelTools'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { type OnAir, useOnAir } from './onAir'
import { StreamsPane } from './StreamsPane'
import type { Channel } from './shapes'
import { type ChannelFilters, useChannels, useEditChannel, useMoveChannels } from './useChannels'

const ONLY = ['disabled', 'no_guide', 'no_streams', 'overridden', 'hidden'] as const

const AIR_LEVELS: Readonly<Record<string, string>> = { stalled: 'warning', switching: 'warning', failed: 'bad' }

/** That a channel runs, and for how many. */
function AirDot({ air }: { air: OnAir | undefined }) {
  const { t } = useTranslation()
  if (!air) return null
  const label = t('channels.onair', { count: air.viewers })
  return (
    <Tooltip label={label}>
      <span>
        <Dot level={AIR_LEVELS[air.state] ?? 'good'} label={label} />
      </span>
    </Tooltip>
  )
}

function useColumns(filters: ChannelFilters, write: boolean): readonly Column<Channel>[] {
  const { t } = useTranslation()
  const edit = useEditChannel(filters)
  const onAir = useOnAir()
  return useMemo(() => {
    const editable = <T,>(cell: T) => (write ? cell : undefined)
    const toggle = (row: Channel) =>
      void edit(row.id, { enabled: !row.enabled }).catch((error: unknown) => toast.failed(t('common.failed'), error))
    return [
      {
        key: 'number',
        title: t('channels.number'),
        width: 84,
        sort: 'number',
        render: (row) => <span className="tabular">{row.number ?? '–'}</span>,
        edit: editable({
          value: (row: Channel) => row.number ?? '',
          save: (row: Channel, value: string) => edit(row.id, { number: value.trim() || null }),
        }),
      },
      {
        key: 'name',
        title: t('common.name'),
        sort: 'name',
        render: (row) => (
          <>
            <Logo url={row.logo_url} name={row.name} size={28} />
            <span>{clip(row.name, 160)}</span>
            <AirDot air={onAir.get(row.id)} />
            {row.problem && (
              <Tooltip label={clip(row.problem)}>
                <span>
                  <Dot level="warning" label={clip(row.problem)} />
                </span>
              </Tooltip>
            )}
          </>
        ),
        edit: editable({
          value: (row: Channel) => row.name,
          save: (row: Channel, value: string) => edit(row.id, { name: value }),
        }),
      },
      {
        key: 'group',
        title: t('channels.group'),
        width: 170,
        sort: 'group',
        render: (row) => <span>{clip(row.group?.name ?? '', 80)}</span>,
      },
      {
        key: 'guide',
        title: t('channels.guide'),
        width: 190,
        sort: 'guide',
        render: (row) => (
          <span className={row.guide ? undefined : css.dim}>{row.guide ? clip(row.guide.name, 80) : t('channels.noguide')}</span>
        ),
      },
      {
        key: 'tvg',
        title: t('channels.tvg'),
        width: 130,
        render: (row) => <span>{clip(row.tvg_id, 80)}</span>,
        edit: editable({
          value: (row: Channel) => row.tvg_id,
          save: (row: Channel, value: string) => edit(row.id, { tvg_id: value }),
        }),
      },
      {
        key: 'streams',
        title: t('channels.streams'),
        width: 80,
        render: (row) => <span className="tabular">{row.streams}</span>,
      },
      {
        key: 'on',
        title: t('channels.on'),
        width: 70,
        render: (row) => (
          <Switch
            size="xs"
            checked={row.enabled}
            disabled={!write}
            tabIndex={-1}
            onChange={() => toggle(row)}
            aria-label={`${t('channels.on')}: ${clip(row.name, 60)}`}
          />
        ),
      },
    ]
  }, [t, edit, write, onAir])
}

export default function ChannelsPage() {
  const { t } = useTranslation()
  const locale = useLocale()
  const { may } = useSession()
  const write = may('live:write')
  const [{ q = '', group = '', only = '', sort = 'number', pane = '', id = '' }, change] = useSearch()
  const [search] = useDebouncedValue(q, 200)
  const filters = useMemo<ChannelFilters>(
    () => ({ sort, ...(search ? { search } : {}), ...(group ? { group: Number(group) } : {}), ...(only ? { only } : {}) }),
    [sort, search, group, only],
  )
  const { order, row, show, error, refetch } = useChannels(filters)
  const groups = useQuery({ queryKey: ['live', 'groups'], queryFn: () => must(api.GET('/api/channels/groups/')) })
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const columns = useColumns(filters, write)
  const move = useMoveChannels(filters)
  const groupNames = rowsOf(groups.data ?? []).map((one) => ({ value: String(one.id), label: clip(one.name, 80) }))
  const filtered = Boolean(q || group || only)
  return (
    <LivePage
      title={t('channels.title')}
      about={order && t('channels.count', { number: count(order.length, locale) })}
      fill
      actions={
        <>
          <TextInput
            value={q}
            onChange={(event) => change({ q: event.currentTarget.value })}
            leftSection={<IconSearch size={16} />}
            placeholder={t('common.search')}
            aria-label={t('common.search')}
            w={180}
          />
          <Select
            aria-label={t('channels.group')}
            placeholder={t('channels.group')}
            w={170}
            searchable
            clearable
            limit={100}
            value={group || null}
            onChange={(value) => change({ group: value ?? '' })}
            data={groupNames}
            clearButtonProps={{ 'aria-label': t('common.all') }}
          />
          <MultiSelect
            aria-label={t('channels.only')}
            placeholder={only ? '' : t('channels.only')}
            w={200}
            clearable
            value={only ? only.split(',') : []}
            onChange={(value) => change({ only: value.join(',') })}
            data={ONLY.map((value) => ({ value, label: t(`channels.only.${value}`) }))}
            clearButtonProps={{ 'aria-label': t('common.all') }}
          />
          <Button
            variant={pane ? 'filled' : 'default'}
            leftSection={<IconColumns2 size={16} />}
            aria-pressed={Boolean(pane)}
            onClick={() => change({ pane: pane ? '' : 'streams' })}
          >
            {t('channels.streams')}
          </Button>
        </>
      }
    >
      {error !== undefined && error !== null && <ReasonText error={error} retry={refetch} />}
      {!order && !error && <Skeletons rows={12} />}
      {order && (
        <div className={css.split} data-two={Boolean(pane)}>
          <div className={css.column}>
            {selected.size > 0 && write && (
              <ChannelTools
                selected={selected}
                order={order}
                groups={groupNames}
                filters={filters}
                clear={() => setSelected(new Set())}
                select={setSelected}
                groupOf={(id) => row(id)?.group?.id}
              />
            )}
            {order.length === 0 ? (
              <EmptyState
                icon={IconDeviceTv}
                title={filtered ? t('channels.nonefound') : t('channels.none')}
                action={
                  !filtered && write ? <LinkButton to="/live/sources?add=playlist">{t('sources.add')}</LinkButton> : undefined
                }
              >
                {filtered ? t('channels.nonefound.about') : t('channels.none.about')}
              </EmptyState>
            ) : (
              <DataTable
                label={t('channels.title')}
                columns={columns}
                order={order}
                row={row}
                nameOf={(one) => one.name}
                isOff={(one) => !one.enabled}
                onShow={show}
                selected={selected}
                onSelect={setSelected}
                onMove={
                  write && sort === 'number'
                    ? (ids, afterId) => move.mutate({ ids: order.filter((id) => ids.has(id)), after_id: afterId })
                    : undefined
                }
                onOpen={(one) => watch(one.id)}
                at={id ? Number(id) : undefined}
                sort={sort}
                onSort={(value) => change({ sort: value === 'number' ? '' : value })}
              />
            )}
          </div>
          {pane && <StreamsPane />}
        </div>
      )}
    </LivePage>
  )
}
