import { Button, Code, CopyButton, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Card, Loaded, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { AcquirePage } from './AcquirePage'
import css from './acquire.module.css'
import { MOUNT, SETTINGS, type Settings } from './shapes'

type Value = Settings[keyof Settings]

const CHOICES: Record<string, readonly string[]> = {
  default_download_action: ['symlink', 'download', 'strm', 'none'],
  folder_naming: ['filename', 'original', 'filename_no_ext', 'original_no_ext', 'infohash'],
  webdav_delete: ['deny', 'hide', 'remove'],
}

function Field({ name, value, onChange }: { name: string; value: Value; onChange: (value: Value) => void }) {
  const { t } = useTranslation()
  const label = t(`acquire.set.${name}`)
  if (typeof value === 'boolean')
    return <Switch mt="sm" label={label} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
  if (typeof value === 'number')
    return <NumberInput mt="sm" label={label} value={value} min={1} max={100} onChange={(next) => onChange(Number(next))} />
  const choices = CHOICES[name]
  if (choices)
    return (
      <Select
        mt="sm"
        label={label}
        data={choices.map((one) => ({ value: one, label: t(`acquire.choice.${one}`) }))}
        value={String(value)}
        onChange={(next) => next && onChange(next as never)}
        allowDeselect={false}
      />
    )
  if (Array.isArray(value))
    return (
      <TextInput
        mt="sm"
        label={label}
        value={value.join(', ')}
        onChange={(event) => onChange(event.currentTarget.value.split(',').map((one) => one.trim()) as never)}
      />
    )
  return <TextInput mt="sm" label={label} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
}

function Form({ stored }: { stored: Settings }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [typed, setTyped] = useState<Partial<Record<string, Value>>>({})
  const save = useMutation({
    mutationFn: () => {
      const clean = (value: Value | undefined) => (Array.isArray(value) ? value.filter(Boolean) : value)
      const values = Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, clean(value)]))
      return must(api.PATCH('/polycast/v1/acquire/settings', { body: { values } }))
    },
    onSuccess: (next) => {
      cache.setQueryData(SETTINGS, next)
      setTyped({})
      toast.good(t('acquire.set.saved'))
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      {!stored.use_auth && <ReasonText level="warning">{t('acquire.set.open')}</ReasonText>}
      {(Object.keys(stored) as (keyof Settings)[]).map((name) => (
        <Field
          key={name}
          name={name}
          value={typed[name] ?? stored[name]}
          onChange={(value) => setTyped((now) => ({ ...now, [name]: value }))}
        />
      ))}
      {save.error && <ReasonText error={save.error} />}
      <Button type="submit" mt="md" loading={save.isPending} disabled={Object.keys(typed).length === 0}>
        {t('acquire.set.save')}
      </Button>
    </form>
  )
}

function Mount() {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: MOUNT, queryFn: () => must(api.GET('/polycast/v1/acquire/mount')) })
  return (
    <Card title={t('acquire.mount')}>
      <p className={css.dim}>{t('acquire.mount.about')}</p>
      <Loaded query={query}>
        {({ unit }) => (
          <>
            <Code block tabIndex={0}>
              {unit}
            </Code>
            <CopyButton value={unit}>
              {({ copied, copy }) => (
                <Button mt="sm" size="xs" variant="default" onClick={copy}>
                  {t(copied ? 'acquire.mount.copied' : 'acquire.mount.copy')}
                </Button>
              )}
            </CopyButton>
          </>
        )}
      </Loaded>
    </Card>
  )
}

export default function SettingsPage() {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: SETTINGS, queryFn: () => must(api.GET('/polycast/v1/acquire/settings')) })
  return (
    <AcquirePage title={t('acquire.settings')}>
      <Card>
        <Loaded query={query}>{(stored) => <Form stored={stored} />}</Loaded>
      </Card>
      <Mount />
    </AcquirePage>
  )
}
