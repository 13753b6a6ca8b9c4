import { Button } from '@mantine/core'
import { IconPlayerPlayFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { Loaded } from '~/kit/parts'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { watchTitle } from './playback/watch'
import { length, picture, placeOf, TITLES } from './shapes'

/** One episode, as a search finds it. */
export default function EpisodePage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...TITLES, 'episode', ref],
    queryFn: ({ signal }) => must(api.GET('/v1/episodes/{episode_id}', { params: { path: { episode_id: ref } }, signal })),
  })
  return (
    <LibraryPage title={clip(query.data?.showTitle ?? t('library.show'), 120)}>
      <Loaded query={query}>
        {(episode) => {
          const image = picture(episode, 'still', 'thumb')
          const place = placeOf({ ...episode, year: null })
          const about = { title: episode.showTitle, subtitle: `${place} ${episode.title}`, image }
          return (
            <div className={css.head}>
              <img className={css.still} src={image ?? undefined} alt="" />
              <div className={css.about}>
                <b>
                  {place} {clip(episode.title, 150)}
                </b>
                <div className={css.dim}>
                  {[length((episode.runtime ?? 0) * 60), episode.airDate].filter(Boolean).join(' · ')}
                </div>
                <div className={css.row}>
                  <Button
                    leftSection={<IconPlayerPlayFilled size={16} />}
                    disabled={episode.missing}
                    onClick={() => watchTitle({ mediaType: 'episode', mediaId: episode.id, ...about })}
                  >
                    {t('library.play')}
                  </Button>
                  <LinkButton variant="default" to={`/library/show/${episode.showId}?season=${episode.seasonNumber}`}>
                    {t('library.show')}
                  </LinkButton>
                </div>
                <p>{clip(episode.overview ?? '', 3000)}</p>
              </div>
            </div>
          )
        }}
      </Loaded>
    </LibraryPage>
  )
}
