import { PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { useGo } from '~/kit/go'
import { toast } from '~/kit/toast'
import { Wizard } from '~/kit/Wizard'
import { LibraryPage } from '../LibraryPage'
import css from '../library.module.css'
import { FOLDERS, MOVING } from '../shapes'
import { GapReport } from './GapReport'
import { type Found, importOf, KINDS, type Kind, suggested, type Targets } from './moving'

interface Row {
  externalId: string
  name: string
  about: string
}

interface MapProps {
  rows: readonly Row[]
  chosen: Readonly<Record<string, string>>
  to: readonly { value: string; label: string }[]
  onChange: (externalId: string, to: string) => void
}

function Mapping({ rows, chosen, to, onChange }: MapProps) {
  const { t } = useTranslation()
  return (
    <>
      {rows.map((row) => (
        <div key={row.externalId} className={css.line}>
          <span className={css.grow}>
            {clip(row.name, 100)}
            <div className={css.dim}>{row.about}</div>
          </span>
          <Select
            aria-label={t('library.moving.to', { name: clip(row.name, 60) })}
            data={[{ value: '', label: t('library.moving.leave') }, ...to]}
            value={chosen[row.externalId] ?? ''}
            allowDeselect={false}
            onChange={(value) => onChange(row.externalId, value ?? '')}
          />
        </div>
      ))}
    </>
  )
}

function useConnection() {
  const { t } = useTranslation()
  const [kind, setKind] = useState<Kind>('jellyfin')
  const [url, setUrl] = useState('http://')
  const [token, setToken] = useState('')
  const body = (
    <div className={css.form}>
      <Select
        label={t('library.moving.kind')}
        data={KINDS.map((value) => ({ value, label: value === 'plex' ? 'Plex' : value === 'emby' ? 'Emby' : 'Jellyfin' }))}
        value={kind}
        allowDeselect={false}
        onChange={(value) => setKind(KINDS.find((one) => one === value) ?? 'jellyfin')}
      />
      <TextInput
        label={t('library.moving.url')}
        type="url"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        required
      />
      <PasswordInput
        label={t('library.moving.token')}
        description={t(`library.moving.token.${kind}`)}
        value={token}
        autoComplete="off"
        onChange={(event) => setToken(event.currentTarget.value)}
      />
    </div>
  )
  return { kind, url, token, body, isReady: url.length > 8 && token !== '' }
}

/** From another server to this one: connect, say what goes where, begin. */
export default function MovingPage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const go = useGo()
  const connection = useConnection()
  const [source, setSource] = useState('')
  const [found, setFound] = useState<Found>({ libraries: [], users: [] })
  const [targets, setTargets] = useState<Targets>({ libraries: {}, users: {} })
  const [shells, setShells] = useState(false)
  const folders = useQuery({ queryKey: FOLDERS, queryFn: ({ signal }) => must(api.GET('/v1/libraries', { signal })) })
  const people = useQuery({ queryKey: [...MOVING, 'users'], queryFn: ({ signal }) => must(api.GET('/v1/users', { signal })) })
  const connect = async () => {
    const { kind: type, url, token } = connection
    const made = await must(api.POST('/v1/migration/sources', { body: { type, url, token } }))
    const preview = await must(api.POST('/v1/migration/preview', { body: { sourceId: made.id } }))
    setSource(made.id)
    setFound(preview)
    setTargets(suggested(preview))
  }
  const begin = () => must(api.POST('/v1/migration/import', { body: importOf(source, targets, shells) }))
  const put = (part: keyof Targets) => (externalId: string, to: string) =>
    setTargets({ ...targets, [part]: { ...targets[part], [externalId]: to } })
  const steps = [
    { title: t('library.moving.connect'), body: connection.body, canGoOn: connection.isReady, leave: connect },
    {
      title: t('library.moving.libraries'),
      body: (
        <Mapping
          rows={found.libraries.map((one) => ({ ...one, about: t('library.items', { count: one.itemCount }) }))}
          chosen={targets.libraries}
          to={(folders.data?.items ?? []).map((one) => ({ value: one.id, label: clip(one.name, 80) }))}
          onChange={put('libraries')}
        />
      ),
    },
    {
      title: t('library.moving.users'),
      body: (
        <Mapping
          rows={found.users.map((one) => ({ ...one, about: one.email ?? '' }))}
          chosen={targets.users}
          to={(people.data?.items ?? []).map((one) => ({ value: one.id, label: clip(one.name, 80) }))}
          onChange={put('users')}
        />
      ),
    },
    {
      title: t('library.moving.begin'),
      body: (
        <div className={css.form}>
          <p>
            {t('library.moving.about', {
              libraries: Object.values(targets.libraries).filter(Boolean).length,
              users: Object.values(targets.users).filter(Boolean).length,
            })}
          </p>
          <Switch
            label={t('library.moving.shells')}
            checked={shells}
            onChange={(event) => setShells(event.currentTarget.checked)}
          />
        </div>
      ),
      leave: begin,
    },
  ]
  return (
    <LibraryPage title={t('library.moving')}>
      <Wizard
        steps={steps}
        finish={t('library.moving.start')}
        done={() => {
          void cache.invalidateQueries({ queryKey: MOVING })
          toast.good(t('library.moving.begun'))
          go('/activity?view=jobs')
        }}
      />
      <GapReport />
    </LibraryPage>
  )
}
