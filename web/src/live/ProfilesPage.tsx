import { Button, Checkbox, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconStack2, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { type Column, DataTable } from '~/kit/DataTable'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, Logo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useSearch } from '~/kit/useSearch'
import { LivePage } from './LivePage'
import css from './live.module.css'
import type { Channel } from './shapes'
import { type ChannelFilters, useChannels } from './useChannels'

const KEY = ['live', 'profiles']

interface Profile {
  id: number
  name: string
  channels: readonly number[]
}

function Members({ profile, write }: { profile: Profile; write: boolean }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 200)
  const filters = useMemo<ChannelFilters>(() => ({ sort: 'number', ...(search ? { search } : {}) }), [search])
  const { order, row, show } = useChannels(filters)
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const inside = useMemo(() => new Set(profile.channels), [profile])
  const put = useMutation({
    mutationFn: ({ ids, enabled }: { ids: readonly number[]; enabled: boolean }) =>
      must(
        api.PATCH('/api/channels/profiles/{profile_id}/channels/bulk-update/', {
          params: { path: { profile_id: profile.id } },
          body: { channels: ids.map((channel_id) => ({ channel_id, enabled })) },
        }),
      ),
    onSuccess: () => {
      setSelected(new Set())
      return cache.invalidateQueries({ queryKey: KEY })
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const columns: readonly Column<Channel>[] = [
    {
      key: 'in',
      title: t('profiles.in'),
      width: 80,
      render: (one) => (
        <Checkbox
          size="xs"
          tabIndex={-1}
          checked={inside.has(one.id)}
          disabled={!write}
          onChange={() => put.mutate({ ids: [one.id], enabled: !inside.has(one.id) })}
          aria-label={`${t('profiles.in')}: ${clip(one.name, 60)}`}
        />
      ),
    },
    {
      key: 'number',
      title: t('channels.number'),
      width: 84,
      render: (one) => <span className="tabular">{one.number ?? '–'}</span>,
    },
    {
      key: 'name',
      title: t('common.name'),
      render: (one) => (
        <>
          <Logo url={one.logo_url} name={one.name} size={28} />
          <span>{clip(one.name, 160)}</span>
        </>
      ),
    },
    { key: 'group', title: t('channels.group'), width: 200, render: (one) => <span>{clip(one.group?.name ?? '', 80)}</span> },
  ]
  const many = (enabled: boolean) => put.mutate({ ids: [...selected], enabled })
  return (
    <div className={css.column} style={{ flex: 1 }}>
      <div className={css.bar}>
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder={t('common.search')}
          aria-label={t('common.search')}
        />
        {write && (
          <>
            <Button variant="default" disabled={selected.size === 0} loading={put.isPending} onClick={() => many(true)}>
              {t('profiles.putin')}
            </Button>
            <Button variant="default" disabled={selected.size === 0} loading={put.isPending} onClick={() => many(false)}>
              {t('profiles.takeout')}
            </Button>
          </>
        )}
        <span className={css.dim}>{t('profiles.count', { count: profile.channels.length })}</span>
      </div>
      {order && (
        <DataTable
          label={t('profiles.title')}
          columns={columns}
          order={order}
          row={row}
          nameOf={(one) => one.name}
          onShow={show}
          selected={selected}
          onSelect={setSelected}
        />
      )}
    </div>
  )
}

export default function ProfilesPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const write = may('live:write')
  const [{ profile: chosen = '' }, change] = useSearch()
  const [name, setName] = useState('')
  const query = useQuery({ queryKey: KEY, queryFn: async () => rowsOf(await must(api.GET('/api/channels/profiles/'))) })
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const again = () => cache.invalidateQueries({ queryKey: KEY })
  const add = useMutation({
    mutationFn: () => must(api.POST('/api/channels/profiles/', { body: { name } })),
    onSuccess: (made) => {
      setName('')
      change({ profile: String(made.id) })
      return again()
    },
    onError,
  })
  const remove = useMutation({
    mutationFn: (id: number) =>
      must(api.DELETE('/api/channels/profiles/{profile_id}/', { params: { path: { profile_id: id } } })),
    onSuccess: () => {
      change({ profile: '' })
      return again()
    },
    onError,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const creator = write && (
    <form onSubmit={submit}>
      <Group gap="xs">
        <TextInput
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          placeholder={t('profiles.new')}
          aria-label={t('profiles.new')}
          required
          maxLength={100}
        />
        <Button type="submit" variant="default" leftSection={<IconPlus size={16} />} loading={add.isPending}>
          {t('common.add')}
        </Button>
      </Group>
    </form>
  )
  return (
    <LivePage title={t('profiles.title')} about={t('profiles.about')} fill actions={creator}>
      <Loaded query={query}>
        {(profiles) => {
          const profile = profiles.find((one) => String(one.id) === chosen) ?? profiles[0]
          if (!profile)
            return (
              <Card>
                <EmptyState icon={IconStack2} title={t('profiles.none')}>
                  {t('profiles.none.about')}
                </EmptyState>
              </Card>
            )
          return (
            <>
              <div className={css.bar}>
                <Select
                  aria-label={t('profiles.title')}
                  value={String(profile.id)}
                  allowDeselect={false}
                  onChange={(value) => change({ profile: value ?? '' })}
                  data={profiles.map((one) => ({ value: String(one.id), label: clip(one.name, 60) }))}
                />
                {write && (
                  <Button
                    variant="subtle"
                    color="gray"
                    leftSection={<IconTrash size={16} />}
                    onClick={() =>
                      confirm({
                        title: t('profiles.delete'),
                        what: t('profiles.delete.what', { name: clip(profile.name, 60) }),
                        action: t('profiles.delete'),
                        run: () => remove.mutate(profile.id),
                      })
                    }
                  >
                    {t('profiles.delete')}
                  </Button>
                )}
              </div>
              <Members key={profile.id} profile={profile} write={write} />
            </>
          )
        }}
      </Loaded>
    </LivePage>
  )
}
