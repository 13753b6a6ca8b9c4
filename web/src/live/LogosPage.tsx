import { ActionIcon, Button, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPhoto, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { EmptyState, Loaded, Logo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { LOGOS, NewLogo } from './NewLogo'

const PAGE = 60

export default function LogosPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const [typed, setTyped] = useState('')
  const [name] = useDebouncedValue(typed, 200)
  const [used, setUsed] = useState<string | null>(null)
  const [adding, setAdding] = useState(false)
  const query = useInfiniteQuery({
    queryKey: [...LOGOS, name, used],
    queryFn: ({ pageParam, signal }) =>
      must(
        api.GET('/api/channels/logos/', {
          params: {
            query: {
              page: String(pageParam),
              page_size: String(PAGE),
              ...(name ? { name } : {}),
              ...(used ? { used: used === 'true' } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (page, pages) => ('next' in page && page.next ? pages.length + 1 : null),
  })
  const how = {
    onSuccess: () => cache.invalidateQueries({ queryKey: LOGOS }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  const remove = useMutation({
    mutationFn: (id: number) => must(api.DELETE('/api/channels/logos/{logo_id}/', { params: { path: { logo_id: id } } })),
    ...how,
  })
  const tidy = useMutation({ mutationFn: () => must(api.POST('/api/channels/logos/cleanup/', { body: {} })), ...how })
  const write = may('live:write')
  return (
    <LivePage
      title={t('logos.title')}
      actions={
        <>
          <TextInput
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            leftSection={<IconSearch size={16} />}
            placeholder={t('common.search')}
            aria-label={t('common.search')}
          />
          <Select
            w={150}
            aria-label={t('logos.used')}
            placeholder={t('logos.used')}
            clearable
            value={used}
            onChange={setUsed}
            data={[
              { value: 'true', label: t('logos.used.yes') },
              { value: 'false', label: t('logos.used.no') },
            ]}
            clearButtonProps={{ 'aria-label': t('common.all') }}
          />
          {write && (
            <Button
              variant="default"
              loading={tidy.isPending}
              onClick={() =>
                confirm({ title: t('logos.tidy'), what: t('logos.tidy.what'), action: t('logos.tidy'), run: () => tidy.mutate() })
              }
            >
              {t('logos.tidy')}
            </Button>
          )}
          {write && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              {t('logos.add')}
            </Button>
          )}
        </>
      }
    >
      {adding && <NewLogo onClose={() => setAdding(false)} />}
      <Loaded query={query}>
        {(data) => {
          const logos = data.pages.flatMap((page) => rowsOf(page))
          if (logos.length === 0)
            return (
              <EmptyState icon={IconPhoto} title={t('logos.none')}>
                {t('logos.none.about')}
              </EmptyState>
            )
          return (
            <>
              <div className={css.logos}>
                {logos.map((logo) => (
                  <div key={logo.id} className={css.logo}>
                    <Logo url={logo.cache_url} name={logo.name} size={64} wide />
                    <span>{clip(logo.name, 60)}</span>
                    <Group gap={4}>
                      <span className={css.dim} title={clip(logo.channel_names.join('\n'))}>
                        {t('sources.channels', { count: logo.channel_count })}
                      </span>
                      {write && (
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          size="sm"
                          aria-label={`${t('common.delete')}: ${clip(logo.name, 60)}`}
                          onClick={() =>
                            confirm({
                              title: t('common.delete'),
                              what: t('logos.delete.what', { name: clip(logo.name, 60), count: logo.channel_count }),
                              action: t('common.delete'),
                              run: () => remove.mutate(logo.id),
                            })
                          }
                        >
                          <IconTrash size={14} />
                        </ActionIcon>
                      )}
                    </Group>
                  </div>
                ))}
              </div>
              {query.hasNextPage && (
                <div>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {t('common.more')}
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </LivePage>
  )
}
