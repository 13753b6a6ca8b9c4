import { ActionIcon, Button } from '@mantine/core'
import { IconStack2, IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { useGo } from '~/kit/go'
import { PosterWaiting } from '~/kit/Poster'
import { PosterWall } from '~/kit/PosterWall'
import { EmptyState, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useEndless } from '~/kit/useEndless'
import { LibraryPage } from '../LibraryPage'
import css from '../library.module.css'
import { COLLECTIONS, type Collection, type Tile } from '../shapes'
import { TilePoster } from '../Tiles'

function Acts({ one }: { one: Collection }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const go = useGo()
  const params = { path: { collection_id: one.id } }
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const fill = useMutation({
    mutationFn: () => must(api.POST('/v1/collections/{collection_id}/refresh', { params })),
    onSuccess: () => cache.invalidateQueries({ queryKey: COLLECTIONS }),
    onError,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/v1/collections/{collection_id}', { params })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: COLLECTIONS })
      go('/library/collections')
    },
    onError,
  })
  if (!one.isMine) return null
  return (
    <>
      {one.type === 'auto' && (
        <Button variant="default" loading={fill.isPending} onClick={() => fill.mutate()}>
          {t('library.collection.refresh')}
        </Button>
      )}
      <Button
        variant="subtle"
        color="red"
        onClick={() =>
          confirm({
            title: clip(one.name, 80),
            what: t('library.collection.remove.about'),
            action: t('library.remove'),
            run: () => remove.mutate(),
          })
        }
      >
        {t('library.remove')}
      </Button>
    </>
  )
}

function Member({ collection, card }: { collection: Collection; card: Tile }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const take = useMutation({
    mutationFn: () =>
      must(
        api.DELETE('/v1/collections/{collection_id}/items/{media_type}/{media_id}', {
          params: { path: { collection_id: collection.id, media_type: card.mediaType, media_id: card.id } },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: COLLECTIONS }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <div className={css.member}>
      <TilePoster card={card} />
      {collection.type === 'manual' && collection.isMine && (
        <ActionIcon
          className={css.takeOut}
          variant="filled"
          color="dark"
          radius="xl"
          size="md"
          loading={take.isPending}
          aria-label={t('library.collection.take', { title: clip(card.title, 80) })}
          onClick={() => take.mutate()}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </div>
  )
}

/** What is in a collection. */
export default function CollectionPage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...COLLECTIONS, 'one', ref],
    queryFn: ({ signal }) =>
      must(api.GET('/v1/collections/{collection_id}', { params: { path: { collection_id: ref } }, signal })),
  })
  const list = useEndless<Tile>({
    key: [...COLLECTIONS, 'items', ref],
    page: async (cursor, signal) => {
      const params = { path: { collection_id: ref }, query: { limit: 60, ...(cursor ? { cursor } : {}) } }
      const found = await must(api.GET('/v1/collections/{collection_id}/items', { params, signal }))
      return { items: found.items, next: found.nextCursor ?? null }
    },
  })
  const { order } = list
  const one = query.data
  const error = query.error ?? list.error
  return (
    <LibraryPage title={clip(one?.name ?? t('library.collection'), 120)} fill actions={one && <Acts one={one} />}>
      {error ? <ReasonText error={error} retry={list.refetch} /> : null}
      {one?.description && <p className={css.dim}>{clip(one.description, 1000)}</p>}
      {order?.length === 0 ? (
        <EmptyState icon={IconStack2} title={t('library.collection.empty')}>
          {t('library.collection.empty.about')}
        </EmptyState>
      ) : (
        <PosterWall
          label={one?.name ?? t('library.collection')}
          total={order?.length ?? 12}
          item={(index) => {
            const id = order?.[index]
            return id === undefined ? undefined : list.row(id)
          }}
          render={(card) => (card && one ? <Member collection={one} card={card} /> : <PosterWaiting />)}
          onShow={list.show}
        />
      )}
    </LibraryPage>
  )
}
