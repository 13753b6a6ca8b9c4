import { ActionIcon, Button, MultiSelect, NumberInput, Select, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { IconBellPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, ReasonText, TimeAgo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { MonitorPage } from './MonitorPage'
import css from './monitor.module.css'
import { RULES, type Rule } from './shapes'

const TYPES = {
  watching_channel: 'channel',
  watching_vod: 'vod',
  recording_event: 'recording',
  disk_alert: 'disk',
  dvr_health: 'health',
}
const SEVERITIES = ['info', 'warning', 'critical']
const EMPTY = { name: '', types: [] as string[], programs: '', devices: [] as string[], severity: 'info', cooldown: 0 }

type Draft = typeof EMPTY

const bodyOf = (draft: Draft) =>
  ({
    match: { types: draft.types, programs: draft.programs, devices: draft.devices },
    severity: draft.severity,
    cooldown: draft.cooldown,
  }) as never

function NewRule() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [draft, setDraft] = useState<Draft>(EMPTY)
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }))
  const dry = useMutation({
    mutationFn: () => must(api.POST('/api/v1/monitor/rules/preview', { body: bodyOf(draft) })),
  })
  const save = useMutation({
    mutationFn: () => must(api.POST('/api/v1/monitor/rules', { body: { name: draft.name, body: bodyOf(draft) } as never })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: RULES })
      setDraft(EMPTY)
      dry.reset()
    },
  })
  return (
    <Card title={t('monitor.rule.new')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('monitor.rule.name')}
            required
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <MultiSelect
            label={t('monitor.rule.types')}
            data={Object.entries(TYPES).map(([value, word]) => ({ value, label: t(`monitor.type.${word}`) }))}
            value={draft.types}
            onChange={(types) => set({ types })}
          />
          <TextInput
            label={t('monitor.rule.programs')}
            value={draft.programs}
            onChange={(event) => set({ programs: event.currentTarget.value })}
          />
          <TagsInput label={t('monitor.rule.devices')} value={draft.devices} onChange={(devices) => set({ devices })} />
          <div className={css.row}>
            <Select
              label={t('monitor.rule.severity')}
              data={SEVERITIES.map((value) => ({ value, label: t(`monitor.severity.${value}`) }))}
              value={draft.severity}
              onChange={(severity) => set({ severity: severity ?? 'info' })}
              allowDeselect={false}
            />
            <NumberInput
              label={t('monitor.rule.cooldown')}
              min={0}
              max={604800}
              value={draft.cooldown}
              onChange={(cooldown) => set({ cooldown: Number(cooldown) || 0 })}
            />
            <Button variant="default" loading={dry.isPending} onClick={() => dry.mutate()}>
              {t('monitor.rule.try')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('monitor.rule.save')}
            </Button>
          </div>
          {(save.error || dry.error) && <ReasonText error={save.error ?? dry.error} />}
          {dry.data && (
            <div aria-live="polite">
              <div className={css.dim}>{t('monitor.rule.tried', { count: dry.data.matches.length, of: dry.data.looked_at })}</div>
              {dry.data.matches.slice(0, 10).map((line) => (
                <div key={line.id} className={css.line}>
                  <span className={css.grow}>{clip(line.message, 140)}</span>
                  <span className={css.dim}>
                    <TimeAgo at={line.timestamp} />
                  </span>
                </div>
              ))}
            </div>
          )}
        </Stack>
      </form>
    </Card>
  )
}

function RuleLine({ rule, may }: { rule: Rule; may: boolean }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const how = {
    onSuccess: () => cache.invalidateQueries({ queryKey: RULES }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  const path = { params: { path: { rule_id: rule.id } } }
  const turn = useMutation({
    mutationFn: (enabled: boolean) => must(api.PATCH('/api/v1/monitor/rules/{rule_id}', { ...path, body: { enabled } as never })),
    ...how,
  })
  const drop = useMutation({ mutationFn: () => must(api.DELETE('/api/v1/monitor/rules/{rule_id}', path)), ...how })
  return (
    <div className={css.line}>
      <Switch
        aria-label={clip(rule.name, 60)}
        checked={rule.enabled}
        disabled={!may}
        onChange={(event) => turn.mutate(event.currentTarget.checked)}
      />
      <span className={css.grow}>
        {clip(rule.name, 100)}
        <div className={css.dim}>{t(`monitor.severity.${rule.body.severity ?? 'info'}`)}</div>
      </span>
      {may && (
        <ActionIcon variant="subtle" color="gray" aria-label={t('common.delete')} onClick={() => drop.mutate()}>
          <IconTrash size={18} />
        </ActionIcon>
      )}
    </div>
  )
}

export default function RulesPage() {
  const { t } = useTranslation()
  const may = useSession().may('monitor:write')
  const query = useQuery({ queryKey: RULES, queryFn: () => must(api.GET('/api/v1/monitor/rules')) })
  return (
    <MonitorPage title={t('monitor.rules')}>
      <Loaded query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <EmptyState icon={IconBellPlus} title={t('monitor.rule.none')}>
              {t('monitor.rule.none.about')}
            </EmptyState>
          ) : (
            <Card>
              {rules.map((rule) => (
                <RuleLine key={rule.id} rule={rule} may={may} />
              ))}
            </Card>
          )
        }
      </Loaded>
      {may && <NewRule />}
    </MonitorPage>
  )
}
