import { Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowRight } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Sent } from '~/api/shapes'
import { clip } from '~/kit/format'
import { ReasonText } from '~/kit/parts'
import css from './live.module.css'
import { CHANNELS, useUndo } from './useChannels'

type Edit = Sent<'/polycast/v1/live/channels/bulk', 'post'>

const KEEP = 'keep'

interface Typed {
  group: string
  enabled: string
  adult: string
  find: string
  replace: string
  field: 'name' | 'tvg_id'
  ignoreCase: boolean
}

/** What is sent; a field left as it is does not appear. Null when nothing would change. */
export function editOf(ids: number[], typed: Typed): Edit | null {
  const set = {
    ...(typed.group !== KEEP ? { group_id: Number(typed.group) } : {}),
    ...(typed.enabled !== KEEP ? { enabled: typed.enabled === 'yes' } : {}),
    ...(typed.adult !== KEEP ? { is_adult: typed.adult === 'yes' } : {}),
  }
  const pattern = typed.find
    ? { find: typed.find, replace: typed.replace, field: typed.field, ignore_case: typed.ignoreCase }
    : {}
  if (Object.keys(set).length === 0 && !typed.find) return null
  return { ids, ...(Object.keys(set).length > 0 ? { set } : {}), ...pattern }
}

function Preview({ edit }: { edit: Edit | null }) {
  const { t } = useTranslation()
  const preview = useQuery({
    queryKey: ['live', 'bulk-preview', edit],
    queryFn: ({ signal }) =>
      must(api.POST('/polycast/v1/live/channels/bulk', { body: { ...(edit ?? { ids: [] }), dry_run: true }, signal })),
    enabled: edit !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  })
  if (!edit) return null
  if (preview.error) return <ReasonText error={preview.error} />
  if (!preview.data) return null
  return (
    <div>
      <Text size="sm" fw={560} mb={6} role="status">
        {t('bulk.changes', { count: preview.data.count })}
        {preview.data.refused > 0 && ` · ${t('bulk.refused', { count: preview.data.refused })}`}
      </Text>
      <div className={css.list}>
        {preview.data.first.map((one) => (
          <div key={`${one.id}-${one.field}`} className={css.change}>
            <span className={css.old}>{clip(one.before, 120)}</span>
            <IconArrowRight size={16} aria-hidden />
            <span>
              {clip(one.after, 120)}
              {one.refused && <div className={css.dim}>{one.refused}</div>}
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}

/** Many channels at once: each field says "leave as is" until touched; find and replace shows its first changes. */
export function BulkEdit({
  ids,
  groups,
  onClose,
}: {
  ids: number[]
  groups: readonly { value: string; label: string }[]
  onClose: () => void
}) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const offerUndo = useUndo()
  const [typed, setTyped] = useState<Typed>({
    group: KEEP,
    enabled: KEEP,
    adult: KEEP,
    find: '',
    replace: '',
    field: 'name',
    ignoreCase: false,
  })
  const [settled] = useDebouncedValue(typed, 250)
  const edit = useMemo(() => editOf(ids, settled), [ids, settled])
  const set = (part: Partial<Typed>) => setTyped((before) => ({ ...before, ...part }))
  const apply = useMutation({
    mutationFn: (body: Edit) => must(api.POST('/polycast/v1/live/channels/bulk', { body })),
    onSuccess: (done) => {
      onClose()
      offerUndo(t('bulk.done', { count: done.count }), done.undo)
      return cache.invalidateQueries({ queryKey: CHANNELS })
    },
  })
  const keep = { value: KEEP, label: t('bulk.keep') }
  const yesNo = [keep, { value: 'yes', label: t('common.yes') }, { value: 'no', label: t('common.no') }]
  const now = editOf(ids, typed)
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('bulk.title', { count: ids.length })}
      size="xl"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack>
        <Group grow>
          <Select
            label={t('channels.group')}
            data={[keep, ...groups]}
            value={typed.group}
            onChange={(value) => set({ group: value ?? KEEP })}
            searchable
            limit={200}
            allowDeselect={false}
          />
          <Select
            label={t('channels.on')}
            data={yesNo}
            value={typed.enabled}
            onChange={(value) => set({ enabled: value ?? KEEP })}
            allowDeselect={false}
          />
          <Select
            label={t('channels.adult')}
            data={yesNo}
            value={typed.adult}
            onChange={(value) => set({ adult: value ?? KEEP })}
            allowDeselect={false}
          />
        </Group>
        <Group grow align="end">
          <TextInput
            label={t('bulk.find')}
            placeholder="^(UK|US): "
            value={typed.find}
            onChange={(event) => set({ find: event.currentTarget.value })}
            ff="monospace"
            maxLength={512}
          />
          <TextInput
            label={t('bulk.replace')}
            placeholder="$1"
            value={typed.replace}
            onChange={(event) => set({ replace: event.currentTarget.value })}
            ff="monospace"
            maxLength={512}
          />
          <Select
            label={t('bulk.field')}
            value={typed.field}
            onChange={(value) => set({ field: value === 'tvg_id' ? 'tvg_id' : 'name' })}
            allowDeselect={false}
            data={[
              { value: 'name', label: t('common.name') },
              { value: 'tvg_id', label: t('channels.tvg') },
            ]}
          />
        </Group>
        <Checkbox
          label={t('bulk.ignorecase')}
          checked={typed.ignoreCase}
          onChange={(event) => set({ ignoreCase: event.currentTarget.checked })}
        />
        <Preview edit={edit} />
        {apply.error && <ReasonText error={apply.error} />}
        <Button disabled={!now} loading={apply.isPending} onClick={() => now && apply.mutate(now)}>
          {t('bulk.apply')}
        </Button>
      </Stack>
    </Modal>
  )
}
