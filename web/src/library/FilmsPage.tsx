import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Poster } from '~/kit/Poster'
import { watchTitle } from './playback/watch'
import { type Film, picture, seenOf } from './shapes'
import { Wall } from './Wall'

const tile = (film: Film) => {
  const image = picture(film, 'poster', 'still', 'thumb')
  return (
    <Poster
      to={`/library/film/${film.id}`}
      title={film.title}
      subtitle={film.year == null ? '' : String(film.year)}
      image={image}
      progress={seenOf(film.userState)}
      isSeen={film.userState.watched}
      onPlay={() => watchTitle({ mediaType: 'movie', mediaId: film.id, title: film.title, image })}
    />
  )
}

/** Every film the viewer may see. */
export default function FilmsPage() {
  const { t } = useTranslation()
  return (
    <Wall<Film>
      title={t('library.films')}
      name="films"
      tile={tile}
      page={(query, signal) => must(api.GET('/v1/movies', { params: { query }, signal }))}
    />
  )
}
