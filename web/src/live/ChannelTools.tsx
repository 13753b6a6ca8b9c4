import { Button, Group, Popover, TextInput, Tooltip } from '@mantine/core'
import { IconArrowMoveDown, IconEdit, IconStack2, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { toast } from '~/kit/toast'
import { BulkEdit } from './BulkEdit'
import css from './live.module.css'
import { CHANNELS, type ChannelFilters, useMoveChannels } from './useChannels'

interface Props {
  selected: ReadonlySet<number>
  order: readonly number[]
  groups: readonly { value: string; label: string }[]
  filters: ChannelFilters
  clear: () => void
  select: (ids: ReadonlySet<number>) => void
  groupOf: (id: number) => number | undefined // of the rows that are known
}

function MoveTo({ ids, filters }: { ids: readonly number[]; filters: ChannelFilters }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [number, setNumber] = useState('')
  const move = useMoveChannels(filters)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    move.mutate({ ids: [...ids], number })
    setOpen(false)
  }
  return (
    <Popover opened={open} onChange={setOpen} withRoles trapFocus shadow="md">
      <Popover.Target>
        <Button size="compact-md" variant="default" leftSection={<IconArrowMoveDown size={16} />} onClick={() => setOpen(!open)}>
          {t('channels.moveto')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('channels.moveto')}>
        <form onSubmit={submit}>
          <Group gap="xs" align="end">
            <TextInput
              label={t('channels.number')}
              value={number}
              onChange={(event) => setNumber(event.currentTarget.value)}
              inputMode="decimal"
              pattern="\d+(\.\d+)?"
              required
              w={120}
              data-autofocus
            />
            <Button type="submit">{t('channels.move')}</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** What can be done with the selected channels. */
export function ChannelTools({ selected, order, groups, filters, clear, select, groupOf }: Props) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const [editing, setEditing] = useState(false)
  const ids = order.filter((id) => selected.has(id)) // as they stand, not as they were picked
  const theirs = [...new Set(ids.map(groupOf).filter((one) => one !== undefined))]
  const whole = useMutation({
    mutationFn: async () => {
      const asked = theirs.map((group) =>
        must(api.GET('/polycast/v1/live/channels/ids', { params: { query: { ...filters, group } } })),
      )
      return (await Promise.all(asked)).flatMap((one) => one.ids)
    },
    onSuccess: (found) => select(new Set([...ids, ...found])),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/api/channels/channels/bulk-delete/', { body: { channel_ids: ids } })),
    onSuccess: () => {
      clear()
      return cache.invalidateQueries({ queryKey: CHANNELS })
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <section className={css.pick} aria-label={t('table.selected', { count: selected.size })}>
      <b>{t('table.selected', { count: selected.size })}</b>
      <Tooltip label={t('channels.wholegroup.about')}>
        <Button
          size="compact-md"
          variant="default"
          leftSection={<IconStack2 size={16} />}
          loading={whole.isPending}
          disabled={theirs.length === 0}
          onClick={() => whole.mutate()}
        >
          {t('channels.wholegroup')}
        </Button>
      </Tooltip>
      <MoveTo ids={ids} filters={filters} />
      <Button size="compact-md" variant="default" leftSection={<IconEdit size={16} />} onClick={() => setEditing(true)}>
        {t('channels.bulk')}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        leftSection={<IconTrash size={16} />}
        loading={remove.isPending}
        onClick={() =>
          confirm({
            title: t('channels.delete'),
            what: t('channels.delete.what', { count: ids.length }),
            action: t('channels.delete'),
            run: () => remove.mutate(),
          })
        }
      >
        {t('common.delete')}
      </Button>
      <Button size="compact-md" variant="subtle" color="gray" onClick={clear}>
        {t('table.selectnone')}
      </Button>
      {editing && <BulkEdit ids={ids} groups={groups} onClose={() => setEditing(false)} />}
    </section>
  )
}
