import { Button } from '@mantine/core'
import { IconPlayerPlayFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip, exact } from '~/kit/format'
import { useGo } from '~/kit/go'
import { Loaded, Logo, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useEndless } from '~/kit/useEndless'
import { useLocale } from '~/kit/useLocale'
import { LibraryPage } from '../LibraryPage'
import css from '../library.module.css'
import { length, PODCASTS, type Podcast } from '../shapes'
import { type Episode, listen } from './listen'

/** A feed's own words may hold markup: only the text of it is shown. */
const plain = (text: string) => new DOMParser().parseFromString(text, 'text/html').body.textContent ?? ''

function Line({ podcast, episode }: { podcast: Podcast; episode: Episode }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { position, played } = episode.userState
  const begun = position > 0 && !played
  return (
    <div className={css.line}>
      <span className={css.grow}>
        <b>{clip(episode.title, 200)}</b>
        <div className={css.dim}>
          {[exact(Date.parse(episode.publishedAt), locale), length(episode.duration), played ? t('library.podcast.played') : '']
            .filter(Boolean)
            .join(' · ')}
        </div>
        <div className={css.dim}>{clip(plain(clip(episode.description ?? '', 2000)), 200)}</div>
      </span>
      <Button
        size="xs"
        leftSection={<IconPlayerPlayFilled size={14} />}
        onClick={() => listen(podcast, episode)}
        aria-label={t('library.podcast.play', { title: clip(episode.title, 80) })}
      >
        {t(begun ? 'library.resume' : 'library.play')}
      </Button>
    </div>
  )
}

function Episodes({ podcast }: { podcast: Podcast }) {
  const { t } = useTranslation()
  const list = useEndless<Episode>({
    key: [...PODCASTS, 'episodes', podcast.id],
    page: async (cursor, signal) => {
      const params = { path: { podcast_id: podcast.id }, query: { limit: 50, ...(cursor ? { cursor } : {}) } }
      const found = await must(api.GET('/v1/podcasts/{podcast_id}/episodes', { params, signal }))
      return { items: found.items, next: found.nextCursor ?? null }
    },
  })
  const order = list.order ?? []
  return (
    <div>
      {list.error ? <ReasonText error={list.error} retry={list.refetch} /> : null}
      {order.map((id) => {
        const episode = list.row(id)
        return episode && <Line key={id} podcast={podcast} episode={episode} />
      })}
      {order.length < podcast.episodeCount && (
        <Button variant="default" fullWidth onClick={() => list.show(0, order.length)}>
          {t('common.more')}
        </Button>
      )}
    </div>
  )
}

/** One podcast and its episodes. */
export default function PodcastPage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const go = useGo()
  const query = useQuery({
    queryKey: [...PODCASTS, 'list'],
    queryFn: ({ signal }) => must(api.GET('/v1/podcasts', { signal })),
    select: ({ items }) => items.find((one) => one.id === ref) ?? null,
  })
  const params = { path: { podcast_id: ref } }
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const refresh = useMutation({
    mutationFn: () => must(api.POST('/v1/podcasts/{podcast_id}/refresh', { params })),
    onSuccess: () => cache.invalidateQueries({ queryKey: PODCASTS }),
    onError,
  })
  const leave = useMutation({
    mutationFn: () => must(api.DELETE('/v1/podcasts/{podcast_id}', { params })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: PODCASTS })
      go('/library/podcasts')
    },
    onError,
  })
  return (
    <LibraryPage title={clip(query.data?.title ?? t('library.podcast'), 120)}>
      <Loaded query={query}>
        {(podcast) =>
          podcast === null ? (
            <ReasonText>{t('library.podcast.gone')}</ReasonText>
          ) : (
            <>
              <div className={css.head}>
                <Logo url={podcast.image} name={podcast.title} size={160} />
                <div className={css.about}>
                  <div className={css.dim}>{[podcast.author, ...podcast.categories].filter(Boolean).join(' · ')}</div>
                  <p>{clip(plain(clip(podcast.description ?? '', 4000)), 1200)}</p>
                  {podcast.error && <ReasonText level="warning">{clip(podcast.error, 300)}</ReasonText>}
                  <div className={css.row}>
                    <Button size="xs" variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
                      {t('library.podcast.refresh')}
                    </Button>
                    <Button
                      size="xs"
                      color="red"
                      variant="subtle"
                      onClick={() =>
                        confirm({
                          title: clip(podcast.title, 80),
                          what: t('library.podcast.leave.about'),
                          action: t('library.podcast.leave'),
                          run: () => leave.mutate(),
                        })
                      }
                    >
                      {t('library.podcast.leave')}
                    </Button>
                  </div>
                </div>
              </div>
              <Episodes podcast={podcast} />
            </>
          )
        }
      </Loaded>
    </LibraryPage>
  )
}
