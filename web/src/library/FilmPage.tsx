import { Badge, Button } from '@mantine/core'
import { IconCheck, IconPlayerPlayFilled, IconRotate } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bytes, clip } from '~/kit/format'
import { Strip } from '~/kit/Poster'
import { Card, Loaded } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { watchTitle } from './playback/watch'
import { type Film, length, picture, TITLES } from './shapes'
import { TilePoster } from './Tiles'
import { Backdrop } from './title/Backdrop'
import { Cast } from './title/Cast'
import type { Subject } from './title/kinds'
import { TitleMenu } from './title/TitleMenu'
import { WatchlistButton } from './title/WatchlistButton'

function Acts({ film }: { film: Film }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const params = { path: { movie_id: film.id } }
  const seen = film.userState.watched
  const mark = useMutation({
    mutationFn: async () => {
      if (seen) await must(api.DELETE('/v1/movies/{movie_id}/watched', { params }))
      else await must(api.PUT('/v1/movies/{movie_id}/watched', { params }))
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: TITLES }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const title = { mediaType: 'movie', mediaId: film.id, title: film.title, image: picture(film, 'poster', 'still') } as const
  const subject: Subject = { kind: 'movie', title: film }
  const begun = film.userState.position > 0 && !seen
  return (
    <div className={css.row}>
      <Button leftSection={<IconPlayerPlayFilled size={16} />} onClick={() => watchTitle(title)} disabled={film.isShell}>
        {begun ? t('library.resume') : t('library.play')}
      </Button>
      <Button
        variant="default"
        leftSection={seen ? <IconRotate size={16} /> : <IconCheck size={16} />}
        loading={mark.isPending}
        onClick={() => mark.mutate()}
      >
        {seen ? t('library.unwatched') : t('library.watched')}
      </Button>
      <WatchlistButton subject={subject} />
      <TitleMenu subject={subject} />
    </div>
  )
}

function Versions({ film }: { film: Film }) {
  const { t } = useTranslation()
  const locale = useLocale()
  return (
    <Card title={t('library.versions')}>
      {film.files.map((file) => (
        <div key={file.id} className={css.line}>
          <span className={css.grow}>
            {clip([file.edition, file.resolution, file.hdrFormat, file.videoCodec, file.audioCodec].filter(Boolean).join(' · '))}
            <div className={css.dim}>
              {file.container} {bytes(file.size, locale)}
            </div>
          </span>
          <Button
            size="xs"
            variant="default"
            onClick={() => watchTitle({ mediaType: 'movie', mediaId: film.id, fileId: file.id, title: film.title })}
          >
            {t('library.play')}
          </Button>
        </div>
      ))}
    </Card>
  )
}

function Similar({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: [...TITLES, 'similar', id],
    queryFn: ({ signal }) => must(api.GET('/v1/movies/{movie_id}/similar', { params: { path: { movie_id: id } }, signal })),
  })
  if (!data?.items.length) return null
  return (
    <Strip title={t('library.similar')}>
      {data.items.map((card) => (
        <TilePoster key={card.id} card={card} />
      ))}
    </Strip>
  )
}

/** One film: what it is, how far one is, which versions there are. */
export default function FilmPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...TITLES, 'film', ref],
    queryFn: ({ signal }) => must(api.GET('/v1/movies/{movie_id}', { params: { path: { movie_id: ref } }, signal })),
  })
  return (
    <LibraryPage title={clip(query.data?.title ?? t('library.film'), 120)}>
      <Loaded query={query}>
        {(film) => (
          <>
            <Backdrop image={picture(film, 'backdrop')} />
            <div className={css.head}>
              <img className={css.poster} src={picture(film, 'poster', 'still') ?? undefined} alt="" />
              <div className={css.about}>
                <div className={css.dim}>
                  {[film.year, length((film.runtime ?? 0) * 60), film.contentRating].filter(Boolean).join(' · ')}
                </div>
                <Acts film={film} />
                {film.tagline && <i>{clip(film.tagline, 300)}</i>}
                <p>{clip(film.overview ?? '', 3000)}</p>
                <div className={css.row}>
                  {film.genres.map((genre) => (
                    <Badge key={genre} variant="default">
                      {clip(genre, 40)}
                    </Badge>
                  ))}
                </div>
              </div>
            </div>
            {(film.files.length > 1 || may('library:write')) && film.files.length > 0 && <Versions film={film} />}
            <Cast subject={{ kind: 'movie', title: film }} />
            <Similar id={film.id} />
          </>
        )}
      </Loaded>
    </LibraryPage>
  )
}
