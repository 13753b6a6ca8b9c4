import { Button } from '@mantine/core'
import { IconPlus, IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Poster, PosterWaiting } from '~/kit/Poster'
import { PosterWall } from '~/kit/PosterWall'
import { EmptyState, ReasonText } from '~/kit/parts'
import { useEndless } from '~/kit/useEndless'
import { useSearch } from '~/kit/useSearch'
import { LibraryPage } from '../LibraryPage'
import { COLLECTIONS, type Collection, picture } from '../shapes'
import { NewCollection } from './NewCollection'

/** A collection with a picture: its own, or that of its first title. */
function Tile({ one }: { one: Collection }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: [...COLLECTIONS, 'first', one.id],
    queryFn: ({ signal }) => {
      const params = { path: { collection_id: one.id }, query: { limit: 1 } }
      return must(api.GET('/v1/collections/{collection_id}/items', { params, signal }))
    },
    enabled: one.poster === null && one.itemCount > 0,
  })
  const first = data?.items[0]
  return (
    <Poster
      to={`/library/collection/${one.id}`}
      title={one.name}
      subtitle={t('library.items', { count: one.itemCount })}
      image={one.poster ?? (first ? picture(first, 'poster', 'still') : null)}
    />
  )
}

/** Collections of titles: made by hand, or by rules. */
export default function CollectionsPage() {
  const { t } = useTranslation()
  const [values, set] = useSearch()
  const [asked, setAsked] = useState(false)
  const list = useEndless<Collection>({
    key: [...COLLECTIONS, 'list'],
    page: async (cursor, signal) => {
      const query = { limit: 60, ...(cursor ? { cursor } : {}) }
      const found = await must(api.GET('/v1/collections', { params: { query }, signal }))
      return { items: found.items, next: found.nextCursor ?? null }
    },
  })
  const { order } = list
  const isNew = asked || values.new === '1'
  const close = () => {
    setAsked(false)
    if (values.new) set({ new: '' })
  }
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAsked(true)}>
      {t('library.collection.new')}
    </Button>
  )
  return (
    <LibraryPage title={t('library.collections')} fill actions={button}>
      {list.error ? <ReasonText error={list.error} retry={list.refetch} /> : null}
      {order?.length === 0 ? (
        <EmptyState icon={IconStack2} title={t('library.collections.none')}>
          {t('library.collections.none.about')}
        </EmptyState>
      ) : (
        <PosterWall
          label={t('library.collections')}
          total={order?.length ?? 12}
          item={(index) => {
            const id = order?.[index]
            return id === undefined ? undefined : list.row(id)
          }}
          render={(one) => (one ? <Tile one={one} /> : <PosterWaiting />)}
          onShow={list.show}
        />
      )}
      {isNew && <NewCollection onClose={close} />}
    </LibraryPage>
  )
}
