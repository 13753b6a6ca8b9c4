import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Poster } from '~/kit/Poster'
import { picture, type Show } from './shapes'
import { Wall } from './Wall'

const tile = (show: Show) => (
  <Poster
    to={`/library/show/${show.id}`}
    title={show.title}
    subtitle={show.year == null ? '' : String(show.year)}
    image={picture(show, 'poster', 'still', 'thumb')}
    isSeen={show.userState.watched}
    {...(show.userState.unwatchedEpisodes > 0 ? { badge: show.userState.unwatchedEpisodes } : {})}
  />
)

/** Every show the viewer may see. */
export default function ShowsPage() {
  const { t } = useTranslation()
  return (
    <Wall<Show>
      title={t('library.shows')}
      name="shows"
      tile={tile}
      page={(query, signal) => must(api.GET('/v1/shows', { params: { query }, signal }))}
    />
  )
}
