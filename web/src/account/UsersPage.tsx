import { Badge, Button, Table, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, Page, Person, TimeAgo } from '~/kit/parts'
import css from './account.module.css'
import { type User, UserForm } from './UserForm'

export default function UsersPage() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 200)
  const [open, setOpen] = useState<User | 'new' | null>(null)
  const query = useInfiniteQuery({
    queryKey: ['core', 'users', search],
    queryFn: ({ pageParam, signal }) =>
      must(
        api.GET('/polycast/v1/users', {
          params: { query: { limit: 50, ...(search ? { search } : {}), ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  return (
    <Page
      title={t('users.title')}
      about={t('users.about')}
      actions={
        <>
          <TextInput
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            leftSection={<IconSearch size={16} />}
            placeholder={t('common.search')}
            aria-label={t('common.search')}
          />
          <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
            {t('users.new')}
          </Button>
        </>
      }
    >
      {open && <UserForm user={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
      <Loaded query={query}>
        {(data) => {
          const users = data.pages.flatMap((page) => page.items)
          if (users.length === 0) return <EmptyState icon={IconUsers} title={t('users.none')} />
          return (
            <Card>
              <Table.ScrollContainer minWidth={560}>
                <Table highlightOnHover>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('owner.username')}</Table.Th>
                      <Table.Th>{t('users.role')}</Table.Th>
                      <Table.Th>{t('users.seen')}</Table.Th>
                      <Table.Th aria-label={t('common.edit')} />
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {users.map((user) => (
                      <Table.Tr key={user.id} className={css.row} onClick={() => setOpen(user)}>
                        <Table.Td>
                          <div style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
                            <Person name={user.username} />
                            <div>
                              {clip(user.username, 80)}{' '}
                              {!user.is_active && (
                                <Badge size="sm" variant="default">
                                  {t('users.inactive')}
                                </Badge>
                              )}
                              <div className={css.dim}>
                                {clip([user.first_name, user.last_name, user.email ?? ''].filter(Boolean).join(' '), 120)}
                              </div>
                            </div>
                          </div>
                        </Table.Td>
                        <Table.Td>{user.role}</Table.Td>
                        <Table.Td>{user.last_seen_at ? <TimeAgo at={user.last_seen_at} /> : t('common.never')}</Table.Td>
                        <Table.Td ta="end">
                          <Button size="compact-sm" variant="default" aria-label={`${t('common.edit')}: ${user.username}`}>
                            {t('common.edit')}
                          </Button>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
              {query.hasNextPage && (
                <Button variant="default" mt="md" onClick={() => void query.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </Card>
          )
        }}
      </Loaded>
    </Page>
  )
}
