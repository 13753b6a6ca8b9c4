import { Button, Checkbox, NumberInput, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { Card, Dot, Loaded, ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import css from './acquire.module.css'
import { type NewsServer, SERVERS } from './shapes'

function ServerCard({ row }: { row: NewsServer }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const { may } = useSession()
  const params = { path: { host: row.host } }
  const again = () => void cache.invalidateQueries({ queryKey: SERVERS })
  const test = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/servers/{host}/test', { params })),
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/polycast/v1/acquire/servers/{host}', { params })),
    onSuccess: again,
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const lines: readonly (readonly [string, string])[] = [
    [t('acquire.server.user'), row.username || '–'],
    [t('acquire.server.connections'), `${row.open} / ${row.max_connections}`],
    [t('acquire.server.way'), `${row.ssl ? 'TLS' : t('acquire.server.plain')}, ${row.port}`],
  ]
  return (
    <Card title={row.host}>
      <div>
        <Dot level={row.error ? 'bad' : 'good'} /> NNTP{' '}
        {row.backup && <span className={css.dim}>· {t('acquire.server.spare')}</span>}
      </div>
      {row.error && <ReasonText level="bad">{row.error}</ReasonText>}
      {lines.map(([label, value]) => (
        <div key={label} className={css.line}>
          <span className={css.dim}>{label}</span>
          <span>{value}</span>
        </div>
      ))}
      {test.data && (
        <div aria-live="polite">
          <Dot level={test.data.ok ? 'good' : 'bad'} /> {test.data.ok ? t('acquire.account.good') : test.data.text}
        </div>
      )}
      {test.error && <ReasonText error={test.error} />}
      {may('acquire:admin') && (
        <div className={css.row}>
          <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {t('acquire.account.test')}
          </Button>
          <Button
            size="xs"
            color="red"
            variant="subtle"
            onClick={() =>
              confirm({
                title: row.host,
                what: t('acquire.server.remove.about'),
                action: t('acquire.account.remove'),
                run: () => remove.mutate(),
              })
            }
          >
            {t('acquire.account.remove')}
          </Button>
        </div>
      )}
    </Card>
  )
}

const EMPTY = { host: '', port: 563, ssl: true, username: '', password: '', max_connections: 20, backup: false }

function NewServer() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [form, setForm] = useState(EMPTY)
  const set = (values: Partial<typeof EMPTY>) => setForm((now) => ({ ...now, ...values }))
  const save = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/servers', { body: form })),
    onSuccess: (next) => {
      cache.setQueryData(SERVERS, next)
      setForm(EMPTY)
    },
  })
  return (
    <Card title={t('acquire.server.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput
          label={t('acquire.server.host')}
          placeholder="news.example.net"
          value={form.host}
          onChange={(event) => set({ host: event.currentTarget.value })}
        />
        <NumberInput
          mt="sm"
          label={t('acquire.server.port')}
          value={form.port}
          min={1}
          max={65535}
          onChange={(value) => set({ port: Number(value) })}
        />
        <TextInput
          mt="sm"
          label={t('acquire.server.user')}
          value={form.username}
          autoComplete="off"
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        <PasswordInput
          mt="sm"
          label={t('acquire.server.password')}
          value={form.password}
          autoComplete="off"
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
        <NumberInput
          mt="sm"
          label={t('acquire.server.connections')}
          value={form.max_connections}
          min={1}
          max={200}
          onChange={(value) => set({ max_connections: Number(value) })}
        />
        <Checkbox
          mt="sm"
          label={t('acquire.server.tls')}
          checked={form.ssl}
          onChange={(event) => set({ ssl: event.currentTarget.checked, port: event.currentTarget.checked ? 563 : 119 })}
        />
        <Checkbox
          mt="sm"
          label={t('acquire.server.backup')}
          checked={form.backup}
          onChange={(event) => set({ backup: event.currentTarget.checked })}
        />
        {save.error && <ReasonText error={save.error} />}
        <Button type="submit" mt="md" loading={save.isPending} disabled={!form.host.trim()}>
          {t('acquire.server.add')}
        </Button>
      </form>
    </Card>
  )
}

/** News servers, below the accounts. */
export function ServersSection() {
  const { t } = useTranslation()
  const { may } = useSession()
  const query = useQuery({ queryKey: SERVERS, queryFn: () => must(api.GET('/polycast/v1/acquire/servers')) })
  return (
    <section aria-label={t('acquire.servers')}>
      <h2>{t('acquire.servers')}</h2>
      <Loaded query={query}>
        {({ items }) => (
          <div className={css.cards}>
            {items.map((row) => (
              <ServerCard key={row.host} row={row} />
            ))}
            {may('acquire:admin') && <NewServer />}
          </div>
        )}
      </Loaded>
    </section>
  )
}
