import { ActionIcon, Button, Checkbox, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowDown, IconArrowUp, IconFilter, IconPlus, IconTrash } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import type { Answer, Sent } from '~/api/shapes'
import { clip, count } from '~/kit/format'
import { Card, Dot, EmptyState, Loaded, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import css from './live.module.css'

type Rule = Sent<'/polycast/v1/live/sources/{ref}/filters/preview', 'post'>['filters'][number]
type Stored = Extract<Answer<'/api/m3u/accounts/{account_id}/filters/'>, readonly unknown[]>[number]
type Typed = Rule & { id: number | null; key: number }

const TYPES = ['group', 'name', 'url'] as const

const caseOf = (properties: unknown): boolean =>
  !(
    typeof properties === 'object' &&
    properties !== null &&
    'case_sensitive' in properties &&
    properties.case_sensitive === false
  )

export const ruleOf = (one: Stored): Typed => ({
  id: one.id,
  key: one.id,
  filter_type: TYPES.find((type) => type === one.filter_type) ?? 'name',
  regex_pattern: one.regex_pattern,
  exclude: one.exclude,
  case_sensitive: caseOf(one.custom_properties),
})

/** Stores the rules as they stand: changed ones patched, new ones added, missing ones removed. */
async function store(id: number, before: readonly Typed[], now: readonly Typed[]): Promise<void> {
  const path = (filter_id: number) => ({ params: { path: { account_id: id, filter_id } } })
  for (const gone of before.filter((one) => !now.some((kept) => kept.id === one.id)))
    if (gone.id !== null) await must(api.DELETE('/api/m3u/accounts/{account_id}/filters/{filter_id}/', path(gone.id)))
  for (const [order, { id: known, filter_type, regex_pattern, exclude, case_sensitive }] of now.entries()) {
    const body = { filter_type, regex_pattern, exclude, order, custom_properties: { case_sensitive } }
    if (known === null)
      await must(api.POST('/api/m3u/accounts/{account_id}/filters/', { params: { path: { account_id: id } }, body }))
    else await must(api.PATCH('/api/m3u/accounts/{account_id}/filters/{filter_id}/', { ...path(known), body }))
  }
}

function Preview({ at, rules }: { at: string; rules: readonly Rule[] }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const [settled] = useDebouncedValue(rules, 300)
  const filters = settled.map(({ filter_type, regex_pattern, exclude, case_sensitive }) => ({
    filter_type,
    regex_pattern,
    exclude,
    case_sensitive,
  }))
  const query = useQuery({
    queryKey: ['live', 'filter-preview', at, filters],
    queryFn: ({ signal }) =>
      must(
        api.POST('/polycast/v1/live/sources/{ref}/filters/preview', { params: { path: { ref: at } }, body: { filters }, signal }),
      ),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  })
  if (query.error) return <ReasonText error={query.error} />
  if (!query.data) return null
  const { kept, dropped, samples, problems } = query.data
  return (
    <div>
      <Text size="sm" fw={560} mb={6} role="status">
        {t('filters.result', { kept: count(kept, locale), dropped: count(dropped, locale) })}
      </Text>
      {problems.map((one) => (
        <ReasonText key={one.path} title={one.text} />
      ))}
      <div className={css.list}>
        {samples.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples are shown as they come
          <div key={index} className={css.line}>
            <span className={one.kept ? undefined : css.old}>{clip(one.name, 120)}</span>
            <span className={css.dim}>
              {clip(one.group, 60)}{' '}
              <Dot level={one.kept ? 'good' : 'bad'} label={one.kept ? t('filters.kept') : t('filters.dropped')} />
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}

function Rules({ at, id, stored }: { at: string; id: number; stored: readonly Typed[] }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [rules, setRules] = useState<readonly Typed[]>(stored)
  const [fresh, setFresh] = useState(-1)
  useEffect(() => setRules(stored), [stored])
  const save = useMutation({
    mutationFn: () => store(id, stored, rules),
    onSuccess: () => toast.good(t('filters.saved')),
    onSettled: () => cache.invalidateQueries({ queryKey: ['live', 'filters', id] }),
  })
  const set = (index: number, part: Partial<Typed>) =>
    setRules(rules.map((one, at) => (at === index ? { ...one, ...part } : one)))
  const swap = (index: number, step: 1 | -1) => {
    const next = [...rules]
    const [moved] = next.splice(index, 1)
    if (moved) next.splice(index + step, 0, moved)
    setRules(next)
  }
  const add = () => {
    setRules([...rules, { id: null, key: fresh, filter_type: 'group', regex_pattern: '', exclude: true, case_sensitive: false }])
    setFresh(fresh - 1)
  }
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('filters.about')}
      </Text>
      {rules.length === 0 && <EmptyState icon={IconFilter} title={t('filters.none')} />}
      {rules.map((rule, index) => (
        <Group key={rule.key} gap="xs" wrap="wrap">
          <Select
            w={120}
            aria-label={t('filters.type')}
            value={rule.filter_type}
            allowDeselect={false}
            onChange={(value) => set(index, { filter_type: TYPES.find((one) => one === value) ?? 'name' })}
            data={TYPES.map((value) => ({ value, label: t(`filters.type.${value}`) }))}
          />
          <TextInput
            aria-label={t('filters.pattern')}
            placeholder="^(ADULT|XXX)"
            ff="monospace"
            style={{ flex: 1, minWidth: 160 }}
            maxLength={200}
            value={rule.regex_pattern}
            onChange={(event) => set(index, { regex_pattern: event.currentTarget.value })}
          />
          <Select
            w={130}
            aria-label={t('filters.effect')}
            value={rule.exclude ? 'drop' : 'keep'}
            allowDeselect={false}
            onChange={(value) => set(index, { exclude: value === 'drop' })}
            data={[
              { value: 'drop', label: t('filters.drop') },
              { value: 'keep', label: t('filters.keep') },
            ]}
          />
          <Checkbox
            label={t('filters.case')}
            checked={rule.case_sensitive}
            onChange={(event) => set(index, { case_sensitive: event.currentTarget.checked })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('filters.up')}
            disabled={index === 0}
            onClick={() => swap(index, -1)}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('filters.down')}
            disabled={index === rules.length - 1}
            onClick={() => swap(index, 1)}
          >
            <IconArrowDown size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('common.delete')}
            onClick={() => setRules(rules.filter((one) => one !== rule))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={add}>
          {t('filters.add')}
        </Button>
        <Button loading={save.isPending} disabled={rules === stored} onClick={() => save.mutate()}>
          {t('common.save')}
        </Button>
      </Group>
      {save.error && <ReasonText error={save.error} />}
      <Preview at={at} rules={rules} />
    </Stack>
  )
}

export function SourceFilters({ at, id }: { at: string; id: number }) {
  const query = useQuery({
    queryKey: ['live', 'filters', id],
    queryFn: async () =>
      rowsOf(await must(api.GET('/api/m3u/accounts/{account_id}/filters/', { params: { path: { account_id: id } } }))).map(
        ruleOf,
      ),
  })
  return (
    <Card>
      <Loaded query={query}>{(stored) => <Rules at={at} id={id} stored={stored} />}</Loaded>
    </Card>
  )
}
