import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Poster, Strip } from '~/kit/Poster'
import { TITLES } from '../shapes'
import type { Subject } from './kinds'

const SHOWN = 30

/** Who plays in it; nothing when nobody is known. */
export function Cast({ subject }: { subject: Subject }) {
  const { t } = useTranslation()
  const { kind, title } = subject
  const { data } = useQuery({
    queryKey: [...TITLES, 'credits', kind, title.id],
    queryFn: ({ signal }) =>
      kind === 'movie'
        ? must(api.GET('/v1/movies/{movie_id}/credits', { params: { path: { movie_id: title.id } }, signal }))
        : must(api.GET('/v1/shows/{show_id}/credits', { params: { path: { show_id: title.id } }, signal })),
  })
  if (!data?.cast.length) return null
  return (
    <Strip title={t('library.cast')}>
      {data.cast.slice(0, SHOWN).map(({ person, character }) => (
        <Poster
          key={`${person.id}${character}`}
          to={`/library/person/${person.id}`}
          title={person.name}
          subtitle={character}
          image={person.image}
        />
      ))}
    </Strip>
  )
}
