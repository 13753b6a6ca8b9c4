import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDots, IconPlus, IconUsers } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { bytes, clip, count } from '~/kit/format'
import { LiveCard, UsageBar } from '~/kit/LiveCard'
import { EmptyState, Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { useSearch } from '~/kit/useSearch'
import { NewAccount } from './NewAccount'
import { RadioPage } from './RadioPage'
import css from './radio.module.css'
import { ACCOUNTS, type Account, accountsOf, levelOf, MEGABYTE, shareOf } from './shapes'

function useActions(pk: number) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const params = { path: { pk } }
  const how = {
    onSuccess: () => cache.invalidateQueries({ queryKey: ACCOUNTS }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  return {
    suspend: useMutation({ mutationFn: () => must(api.POST('/api/v1/broadcasters/{pk}/suspend/', { params })), ...how }),
    unsuspend: useMutation({ mutationFn: () => must(api.POST('/api/v1/broadcasters/{pk}/unsuspend/', { params })), ...how }),
    remove: useMutation({ mutationFn: () => must(api.DELETE('/api/v1/broadcasters/{pk}/', { params })), ...how }),
    backup: useMutation({
      mutationFn: () => must(api.POST('/api/v1/broadcasters/{pk}/backup/', { params, body: { action: 'backup' } })),
      onSuccess: () => toast.good(t('radio.backup.asked')),
      onError: how.onError,
    }),
    enter: useMutation({
      mutationFn: () => must(api.POST('/api/v1/broadcasters/{pk}/login/', { params })),
      onSuccess: ({ url, token }) => window.open(`${url}/auth?t=${encodeURIComponent(token)}`, '_blank', 'noopener'),
      onError: how.onError,
    }),
  }
}

function AccountMenu({ account }: { account: Account }) {
  const { t } = useTranslation()
  const { suspend, unsuspend, remove, backup, enter } = useActions(account.pk)
  const confirm = useConfirmDanger()
  const name = clip(account.username, 60)
  const ask = (word: 'suspend' | 'delete', run: () => void) =>
    confirm({
      title: `${t(`radio.${word}`)}: ${name}`,
      what: t(`radio.${word}.about`, { name }),
      action: t(`radio.${word}`),
      run,
    })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={name}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => enter.mutate()}>{t('radio.enter')}</Menu.Item>
        <Menu.Item onClick={() => backup.mutate()}>{t('radio.backup')}</Menu.Item>
        {account.account_status === 3 ? (
          <Menu.Item onClick={() => unsuspend.mutate()}>{t('radio.unsuspend')}</Menu.Item>
        ) : (
          <Menu.Item disabled={account.account_status !== 2} onClick={() => ask('suspend', () => suspend.mutate())}>
            {t('radio.suspend')}
          </Menu.Item>
        )}
        <Menu.Item color="red" onClick={() => ask('delete', () => remove.mutate())}>
          {t('radio.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function AccountCard({ account }: { account: Account }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const bars = [
    ['listeners', shareOf(account.listeners_current, account.limit_listeners), (value: number) => count(value, locale)],
    ['disk', shareOf(account.du_current, account.limit_du), (value: number) => bytes(value * MEGABYTE, locale)],
    ['traffic', shareOf(account.traffic_current, account.limit_traffic), (value: number) => bytes(value * MEGABYTE, locale)],
  ] as const
  return (
    <LiveCard
      name={account.first_name ? `${account.first_name} (${account.username})` : account.username}
      level={levelOf(account)}
      state={t(`radio.status.${account.account_status}`)}
      figures={[
        [t('radio.count'), String(account.stations_current)],
        [t('radio.server'), account.server_type],
        [t('radio.ports'), `${account.port_range_min}–${account.port_range_max}`],
      ]}
      note={account.error}
      actions={<AccountMenu account={account} />}
    >
      {bars.map(([word, { used, limit }, format]) => (
        <UsageBar
          key={word}
          label={t(`radio.use.${word}`)}
          used={used}
          limit={limit}
          words={limit === null ? format(used) : t('radio.of', { used: format(used), limit: format(limit) })}
        />
      ))}
    </LiveCard>
  )
}

export default function AccountsPage() {
  const { t } = useTranslation()
  const [{ add = '' }, change] = useSearch()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 200)
  const query = useQuery({ queryKey: [...ACCOUNTS, search], queryFn: () => accountsOf(search) })
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => change({ add: '1' })}>
      {t('radio.add')}
    </Button>
  )
  return (
    <RadioPage title={t('radio.accounts')} about={t('radio.accounts.about')} actions={button}>
      <TextInput
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        placeholder={t('common.search')}
        aria-label={t('common.search')}
      />
      <Loaded query={query}>
        {(accounts) =>
          accounts.length === 0 ? (
            <EmptyState icon={IconUsers} title={t('radio.none')} action={button}>
              {t('radio.none.about')}
            </EmptyState>
          ) : (
            <div className={css.cards}>
              {accounts.map((one) => (
                <AccountCard key={one.pk} account={one} />
              ))}
            </div>
          )
        }
      </Loaded>
      <NewAccount opened={add !== ''} onClose={() => change({ add: '' })} />
    </RadioPage>
  )
}
