import { Button, Progress, Select, TextInput } from '@mantine/core'
import { IconCloudDownload, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { type Column, DataTable } from '~/kit/DataTable'
import { bytes, percent } from '~/kit/format'
import { Dot, EmptyState, ReasonText, Skeletons, TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useEndless } from '~/kit/useEndless'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { AcquirePage } from './AcquirePage'
import { AddDialog } from './AddDialog'
import css from './acquire.module.css'
import { levelOf, stateOf, TRANSFERS, type Transfer } from './shapes'

const STATES = ['queued', 'resolving', 'downloading', 'stalled', 'moving', 'done', 'failed', 'missing'] as const
type What = 'pause' | 'resume' | 'retry' | 'delete'

function useColumns(): readonly Column<Transfer>[] {
  const { t } = useTranslation()
  const locale = useLocale()
  return useMemo(
    () => [
      { key: 'name', title: t('acquire.name'), sort: 'name', render: (row) => row.name },
      {
        key: 'state',
        title: t('acquire.state'),
        width: 230,
        sort: 'state',
        render: (row) => (
          <span title={row.error || undefined}>
            <Dot level={levelOf(row)} /> {t(stateOf(row))}
            {row.error && <span className={css.dim}> · {row.error}</span>}
          </span>
        ),
      },
      {
        key: 'progress',
        title: t('acquire.progress'),
        width: 130,
        sort: 'progress',
        render: (row) => <Progress value={row.progress * 100} aria-label={percent(row.progress, locale)} />,
      },
      { key: 'size', title: t('acquire.size'), width: 100, sort: 'size', render: (row) => bytes(row.size_bytes, locale) },
      { key: 'category', title: t('acquire.category'), width: 110, sort: 'category', render: (row) => row.category },
      { key: 'account', title: t('acquire.account'), width: 110, render: (row) => row.provider },
      { key: 'added', title: t('acquire.added'), width: 120, sort: 'added_on', render: (row) => <TimeAgo at={row.added_at} /> },
    ],
    [t, locale],
  )
}

function Tools({ selected, onDone }: { selected: ReadonlySet<string>; onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const change = useMutation({
    mutationFn: (what: What) => must(api.POST('/polycast/v1/acquire/transfers/change', { body: { ids: [...selected], what } })),
    onSuccess: () => {
      onDone()
      void cache.invalidateQueries({ queryKey: TRANSFERS })
    },
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  })
  return (
    <>
      {(['pause', 'resume', 'retry'] as const).map((what) => (
        <Button key={what} variant="default" onClick={() => change.mutate(what)}>
          {t(`acquire.${what}`)}
        </Button>
      ))}
      <Button
        color="red"
        variant="light"
        onClick={() =>
          confirm({
            title: t('acquire.delete'),
            what: t('acquire.delete.about'),
            action: t('acquire.delete'),
            run: () => change.mutate('delete'),
          })
        }
      >
        {t('acquire.delete')}
      </Button>
    </>
  )
}

export default function DownloadsPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const [values, set] = useSearch()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const { search = '', state = '', category = '', sort = '-added_on', add = '' } = values
  const filters = { search, state, category, sort }
  const columns = useColumns()
  const ask = (cursor: string, signal?: AbortSignal) =>
    must(api.GET('/polycast/v1/acquire/transfers', { params: { query: { ...filters, cursor } }, signal }))
  const list = useEndless<Transfer>({ key: [...TRANSFERS, filters], page: ask })
  const categories = useQuery({ queryKey: [...TRANSFERS, 'categories'], queryFn: async () => (await ask('')).categories })
  const write = may('acquire:write')
  const empty = list.order?.length === 0
  return (
    <AcquirePage
      title={t('acquire.title')}
      fill
      actions={
        write && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => set({ add: '1' })}>
            {t('acquire.add')}
          </Button>
        )
      }
    >
      <div className={css.row}>
        <TextInput
          aria-label={t('acquire.search')}
          placeholder={t('acquire.search')}
          value={search}
          onChange={(event) => set({ search: event.currentTarget.value })}
        />
        <Select
          aria-label={t('acquire.state')}
          placeholder={t('acquire.state')}
          data={STATES.map((value) => ({ value, label: t(`acquire.state.${value}`) }))}
          value={state || null}
          onChange={(value) => set({ state: value ?? '' })}
          clearable
        />
        <Select
          aria-label={t('acquire.category')}
          placeholder={t('acquire.category')}
          data={categories.data ?? []}
          value={category || null}
          onChange={(value) => set({ category: value ?? '' })}
          clearable
        />
        {write && selected.size > 0 && <Tools selected={selected} onDone={() => setSelected(new Set())} />}
      </div>
      <div className={css.table}>
        {list.error ? (
          <ReasonText error={list.error} retry={list.refetch} />
        ) : !list.order ? (
          <Skeletons />
        ) : empty ? (
          <EmptyState icon={IconCloudDownload} title={t('acquire.none')}>
            {t('acquire.none.about')}
          </EmptyState>
        ) : (
          <DataTable
            label={t('acquire.title')}
            columns={columns}
            order={list.order}
            row={list.row}
            nameOf={(row) => row.name}
            onShow={list.show}
            selected={selected}
            onSelect={setSelected}
            sort={sort}
            onSort={(value) => set({ sort: value === '-added_on' ? '' : value })}
          />
        )}
      </div>
      <AddDialog opened={add === '1' && write} categories={categories.data ?? []} onClose={() => set({ add: '' })} />
    </AcquirePage>
  )
}
