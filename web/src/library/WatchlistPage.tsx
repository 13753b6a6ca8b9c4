import { ActionIcon } from '@mantine/core'
import { IconBookmark, IconX } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Answer } from '~/api/shapes'
import { clip } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { Poster, PosterWaiting } from '~/kit/Poster'
import { PosterWall } from '~/kit/PosterWall'
import { EmptyState, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useEndless } from '~/kit/useEndless'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { pageOf, TITLES } from './shapes'

type Entry = Answer<'/v1/watchlist'>['items'][number]

function Wanted({ entry }: { entry: Entry }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const again = () => void cache.invalidateQueries({ queryKey: TITLES })
  const back = async () => {
    const { mediaType, mediaId, tmdbId, title, year } = entry
    await must(
      api.POST('/v1/watchlist', { body: { mediaType: mediaType === 'show' ? 'show' : 'movie', mediaId, tmdbId, title, year } }),
    )
    again()
  }
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/v1/watchlist/{entry_id}', { params: { path: { entry_id: entry.id } } })),
    onSuccess: () => {
      again()
      toast.undo(t('library.watchlist.removed', { title: clip(entry.title, 60) }), t('common.undo'), () => void back())
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const to = entry.mediaId
    ? pageOf({ id: entry.mediaId, mediaType: entry.mediaType })
    : `/library/films?search=${encodeURIComponent(entry.title.slice(0, 80))}`
  return (
    <div className={css.member}>
      <Poster
        to={to}
        title={entry.title}
        subtitle={entry.year == null ? '' : String(entry.year)}
        image={entry.poster}
        {...(entry.available ? {} : { badge: t('library.watchlist.missing') })}
      />
      <ActionIcon
        className={css.takeOut}
        variant="filled"
        color="dark"
        radius="xl"
        size="md"
        loading={remove.isPending}
        aria-label={t('library.watchlist.remove', { title: clip(entry.title, 80) })}
        onClick={() => remove.mutate()}
      >
        <IconX size={14} />
      </ActionIcon>
    </div>
  )
}

/** What the viewer means to see. */
export default function WatchlistPage() {
  const { t } = useTranslation()
  const list = useEndless<Entry>({
    key: [...TITLES, 'watchlist'],
    page: async (cursor, signal) => {
      const query = { limit: 60, ...(cursor ? { cursor } : {}) }
      const found = await must(api.GET('/v1/watchlist', { params: { query }, signal }))
      return { items: found.items, next: found.nextCursor ?? null }
    },
  })
  const { order } = list
  return (
    <LibraryPage title={t('library.watchlist')} fill>
      {list.error ? <ReasonText error={list.error} retry={list.refetch} /> : null}
      {order?.length === 0 ? (
        <EmptyState
          icon={IconBookmark}
          title={t('library.watchlist.none')}
          action={<LinkButton to="/library/films">{t('library.films')}</LinkButton>}
        >
          {t('library.watchlist.none.about')}
        </EmptyState>
      ) : (
        <PosterWall
          label={t('library.watchlist')}
          total={order?.length ?? 12}
          item={(index) => {
            const id = order?.[index]
            return id === undefined ? undefined : list.row(id)
          }}
          render={(entry) => (entry ? <Wanted entry={entry} /> : <PosterWaiting />)}
          onShow={list.show}
        />
      )}
    </LibraryPage>
  )
}
