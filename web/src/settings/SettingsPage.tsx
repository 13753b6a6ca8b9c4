import { Button, TextInput } from '@mantine/core'
import { IconSearch, IconZoomQuestion } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { asFailure } from '~/api/failure'
import type { SettingsTree } from '~/api/shapes'
import { Go } from '~/kit/go'
import { useHouse } from '~/kit/house'
import { PartOf } from '~/kit/PartOf'
import { Card, EmptyState, Loaded, Page, ReasonText } from '~/kit/parts'
import { SettingsForm } from '~/kit/SettingsForm'
import { useSession } from '~/kit/session'
import { type Draft, draftOf, found, sentOf } from '~/kit/settings'
import css from '~/kit/settings.module.css'
import { toast } from '~/kit/toast'
import { useSearch } from '~/kit/useSearch'

const KEY = ['core', 'settings']

interface Patch {
  values?: Record<string, unknown>
  reset?: string[]
}

function Form({ tree }: { tree: SettingsTree }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const cache = useQueryClient()
  const [{ section = '', q = '' }, change] = useSearch()
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({})
  const panels = useHouse()
    .flatMap((one) => one.panels ?? [])
    .filter((one) => may(one.scope))
  const panel = panels.find((one) => one.id === section)
  const kinds = useMemo(() => new Map(tree.sections.flatMap((one) => one.fields).map((field) => [field.key, field])), [tree])
  const save = useMutation({
    mutationFn: (body: Patch) => must(api.PATCH('/polycast/v1/settings', { body })),
    onSuccess: (now, sent) => {
      cache.setQueryData(KEY, now)
      // What was typed while the save was under way stays.
      setDrafts((before) =>
        Object.fromEntries(
          Object.entries(before).filter(
            ([key, draft]) =>
              !(sent.reset?.includes(key) || (sent.values && key in sent.values && Object.is(drafts[key], draft))),
          ),
        ),
      )
      toast.good(t('common.saved'))
    },
  })
  const failure = save.error && asFailure(save.error)
  const problems = Object.fromEntries((failure?.problems ?? []).map((one) => [one.path, one.text]))
  const unsaved = Object.keys(drafts)
  const shown = q
    ? tree.sections
        .map((one) => ({ ...one, fields: one.fields.filter((field) => found(field, q)) }))
        .filter((one) => one.fields.length > 0)
    : tree.sections.filter((one) => one.name === (section || tree.sections[0]?.name))
  const type = (key: string, draft: Draft) =>
    setDrafts((before) => {
      const field = kinds.get(key)
      const { [key]: _, ...rest } = before
      return field && Object.is(draftOf(field), draft) ? rest : { ...rest, [key]: draft }
    })
  const send = () =>
    save.mutate({
      values: Object.fromEntries(unsaved.map((key) => [key, sentOf(kinds.get(key)?.kind ?? 'text', drafts[key] ?? '')])),
    })
  return (
    <>
      {tree.restart_needed && (
        <ReasonText level="warning" title={t('settings.restart.needed')}>
          {t('settings.restart.about')}
        </ReasonText>
      )}
      <div className={css.layout}>
        <nav className={css.side} aria-label={t('settings.sections')}>
          {panels.map((one) => (
            <Go key={one.id} to={`/settings?section=${one.id}`} data-active={!q && section === one.id}>
              {t(one.label)}
            </Go>
          ))}
          {tree.sections.map((one, index) => (
            <Go
              key={one.name}
              to={`/settings?section=${one.name}`}
              data-active={!q && (section ? section === one.name : index === 0)}
            >
              {one.title}
            </Go>
          ))}
        </nav>
        <div>
          <TextInput
            mb="md"
            value={q}
            onChange={(event) => change({ q: event.currentTarget.value })}
            leftSection={<IconSearch size={16} />}
            placeholder={t('settings.find')}
            aria-label={t('settings.find')}
          />
          {panel && !q && <PartOf key={panel.id} part={panel.panel} props={{}} />}
          {shown.length === 0 && (q || !panel) && (
            <EmptyState icon={IconZoomQuestion} title={t('settings.nothing')}>
              {t('settings.nothing.about')}
            </EmptyState>
          )}
          <div style={{ display: 'grid', gap: 20 }}>
            {shown.map((one) => (
              <Card key={one.name} title={one.title}>
                <SettingsForm
                  fields={one.fields}
                  drafts={drafts}
                  problems={problems}
                  change={type}
                  reset={(key) => save.mutate({ reset: [key] })}
                  readOnly={!may('core:write')}
                />
              </Card>
            ))}
          </div>
          {failure && (
            <div style={{ marginTop: 16 }}>
              <ReasonText error={failure} title={t('settings.notsaved')} />
            </div>
          )}
          {unsaved.length > 0 && (
            <div className={css.save} role="status">
              <span style={{ flex: 1 }}>{t('settings.unsaved', { count: unsaved.length })}</span>
              <Button variant="subtle" color="gray" onClick={() => setDrafts({})}>
                {t('settings.discard')}
              </Button>
              <Button onClick={send} loading={save.isPending}>
                {t('common.save')}
              </Button>
            </div>
          )}
        </div>
      </div>
    </>
  )
}

export default function SettingsPage() {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/settings')) })
  return (
    <Page title={t('settings.title')}>
      <Loaded query={query}>{(tree) => <Form tree={tree} />}</Loaded>
    </Page>
  )
}
