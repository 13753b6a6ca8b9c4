import { Button, Checkbox, PasswordInput, Select } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { bytes, count, day } from '~/kit/format'
import { Card, Dot, EmptyState, Loaded, ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { AcquirePage } from './AcquirePage'
import css from './acquire.module.css'
import { ServersSection } from './ServersSection'
import { ACCOUNTS, type Account, PROVIDERS } from './shapes'

function AccountCard({ row }: { row: Account }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const { may } = useSession()
  const path = { name: row.name }
  const again = () => void cache.invalidateQueries({ queryKey: ACCOUNTS })
  const failed = (error: unknown) => toast.failed(t('common.failed'), error)
  const test = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/accounts/{name}/test', { params: { path } })),
    onSettled: again,
  })
  const sync = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/accounts/{name}/sync', { params: { path } })),
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/polycast/v1/acquire/accounts/{name}', { params: { path } })),
    onSuccess: again,
    onError: failed,
  })
  const level = row.error ? 'bad' : row.is_throttled || row.held_back > 0 ? 'warning' : 'good'
  const lines: readonly (readonly [string, string])[] = [
    [t('acquire.account.until'), row.premium_until ? day(Date.parse(row.premium_until), locale) : '–'],
    [t('acquire.account.slots'), row.slots_limit == null ? '–' : `${row.slots_used} / ${row.slots_limit}`],
    [t('acquire.account.held'), count(row.placements, locale)],
    [t('acquire.account.served'), bytes(row.bytes_served, locale)],
    [t('acquire.account.limit'), row.rate_limit],
  ]
  return (
    <Card title={row.name}>
      <div>
        <Dot level={level} /> {row.provider} {row.username && <span className={css.dim}>· {row.username}</span>}
      </div>
      {row.error && <ReasonText level="bad">{row.error}</ReasonText>}
      {row.is_throttled && <div className={css.dim}>{t('acquire.account.halved')}</div>}
      {row.held_back > 0 && <div className={css.dim}>{t('acquire.account.heldBack', { count: row.held_back })}</div>}
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
      <div className={css.row}>
        {may('acquire:admin') && (
          <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {t('acquire.account.test')}
          </Button>
        )}
        {may('acquire:write') && (
          <Button size="xs" variant="default" loading={sync.isPending} onClick={() => sync.mutate()}>
            {t('acquire.account.sync')}
          </Button>
        )}
        {may('acquire:admin') && (
          <Button
            size="xs"
            color="red"
            variant="subtle"
            onClick={() =>
              confirm({
                title: row.name,
                what: t('acquire.account.remove.about'),
                action: t('acquire.account.remove'),
                run: () => remove.mutate(),
              })
            }
          >
            {t('acquire.account.remove')}
          </Button>
        )}
      </div>
    </Card>
  )
}

function NewAccount() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [provider, setProvider] = useState<(typeof PROVIDERS)[number]>('realdebrid')
  const [key, setKey] = useState('')
  const [uncached, setUncached] = useState(false)
  const save = useMutation({
    mutationFn: () =>
      must(
        api.POST('/polycast/v1/acquire/accounts', { body: { provider, name: '', api_key: key, download_uncached: uncached } }),
      ),
    onSuccess: () => {
      setKey('')
      void cache.invalidateQueries({ queryKey: ACCOUNTS })
    },
  })
  return (
    <Card title={t('acquire.account.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Select
          label={t('acquire.account.provider')}
          data={[...PROVIDERS]}
          value={provider}
          onChange={(value) => value && setProvider(value as (typeof PROVIDERS)[number])}
          allowDeselect={false}
        />
        <PasswordInput
          mt="sm"
          label={t('acquire.account.key')}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          autoComplete="off"
        />
        <Checkbox
          mt="sm"
          label={t('acquire.account.uncached')}
          checked={uncached}
          onChange={(event) => setUncached(event.currentTarget.checked)}
        />
        {save.error && <ReasonText error={save.error} />}
        <Button type="submit" mt="md" loading={save.isPending} disabled={!key.trim()}>
          {t('acquire.account.add')}
        </Button>
      </form>
    </Card>
  )
}

export default function AccountsPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const query = useQuery({ queryKey: ACCOUNTS, queryFn: () => must(api.GET('/polycast/v1/acquire/accounts')) })
  return (
    <AcquirePage title={t('acquire.accounts')}>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.length === 0 && (
              <EmptyState icon={IconKey} title={t('acquire.account.none')}>
                {t('acquire.account.none.about')}
              </EmptyState>
            )}
            <div className={css.cards}>
              {items.map((row) => (
                <AccountCard key={row.name} row={row} />
              ))}
              {may('acquire:admin') && <NewAccount />}
            </div>
          </>
        )}
      </Loaded>
      <ServersSection />
    </AcquirePage>
  )
}
