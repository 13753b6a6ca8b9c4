import { Select, TextInput } from '@mantine/core'
import { IconMovie, IconSearch } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LinkButton } from '~/kit/go'
import { PosterWaiting } from '~/kit/Poster'
import { PosterWall } from '~/kit/PosterWall'
import { EmptyState, ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { useEndless } from '~/kit/useEndless'
import { useSearch } from '~/kit/useSearch'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { TITLES } from './shapes'

const SORTS = ['title', 'added', 'year'] as const
const ORDER = {
  title: { sort: 'title', order: 'asc' },
  added: { sort: 'addedAt', order: 'desc' },
  year: { sort: 'year', order: 'desc' },
} as const satisfies Record<(typeof SORTS)[number], object>
const MOST = 60

/** What a list of titles is asked for. */
export type Asked = (typeof ORDER)[keyof typeof ORDER] & { limit: number; search?: string; cursor?: string }

interface Props<T> {
  title: string
  name: string
  page: (query: Asked, signal: AbortSignal) => Promise<{ items: readonly T[]; nextCursor?: string | null }>
  tile: (item: T) => ReactNode
}

/** A wall of titles of any length, with search and order in the address. */
export function Wall<T extends { id: string }>({ title, name, page, tile }: Props<T>) {
  const { t } = useTranslation()
  const { may } = useSession()
  const [values, set] = useSearch()
  const search = values.search ?? ''
  const sort = SORTS.find((one) => one === values.sort) ?? 'title'
  const list = useEndless<T>({
    key: [...TITLES, name, search, sort],
    page: async (cursor, signal) => {
      const asked = { limit: MOST, ...ORDER[sort], ...(search ? { search } : {}), ...(cursor ? { cursor } : {}) }
      const found = await page(asked, signal)
      return { items: found.items, next: found.nextCursor ?? null }
    },
  })
  const { order } = list
  return (
    <LibraryPage
      title={title}
      fill
      actions={
        <div className={css.tools}>
          <TextInput
            aria-label={t('library.search')}
            placeholder={t('library.search')}
            leftSection={<IconSearch size={16} />}
            value={search}
            onChange={(event) => set({ search: event.currentTarget.value })}
          />
          <Select
            aria-label={t('library.sort')}
            data={SORTS.map((one) => ({ value: one, label: t(`library.sort.${one}`) }))}
            value={sort}
            allowDeselect={false}
            onChange={(value) => set({ sort: value ?? 'title' })}
          />
        </div>
      }
    >
      {list.error ? <ReasonText error={list.error} retry={list.refetch} /> : null}
      {order?.length === 0 ? (
        <EmptyState
          icon={IconMovie}
          title={t('library.none')}
          action={may('library:write') ? <LinkButton to="/library/folders">{t('library.add')}</LinkButton> : undefined}
        >
          {t('library.none.about')}
        </EmptyState>
      ) : (
        <PosterWall
          label={title}
          total={order?.length ?? 24}
          item={(index) => {
            const id = order?.[index]
            return id === undefined ? undefined : list.row(id)
          }}
          render={(item) => (item ? tile(item) : <PosterWaiting />)}
          onShow={list.show}
        />
      )}
    </LibraryPage>
  )
}
