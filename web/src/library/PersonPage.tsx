import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Poster, Strip } from '~/kit/Poster'
import { Loaded, Logo } from '~/kit/parts'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { pageOf, picture, TITLES } from './shapes'

const PARTS = ['cast', 'crew'] as const

/** Somebody, and what there is to see of them here. */
export default function PersonPage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...TITLES, 'person', ref],
    queryFn: ({ signal }) => must(api.GET('/v1/people/{person_id}', { params: { path: { person_id: ref } }, signal })),
  })
  return (
    <LibraryPage title={clip(query.data?.name ?? t('library.person'), 120)}>
      <Loaded query={query}>
        {(person) => (
          <>
            <div className={css.head}>
              <Logo url={person.image} name={person.name} size={140} tall />
              <div className={css.about}>
                <div className={css.dim}>
                  {[person.knownFor, person.birthday, person.placeOfBirth].filter(Boolean).join(' · ')}
                </div>
                <p>{clip(person.biography ?? '', 3000)}</p>
              </div>
            </div>
            {PARTS.map((part) => {
              const roles = person.roles[part]
              if (roles.length === 0) return null
              return (
                <Strip key={part} title={t(`library.${part}`)}>
                  {roles.map((role) => (
                    <Poster
                      key={`${role.media.id}${role.character ?? role.job}`}
                      to={pageOf(role.media)}
                      title={role.media.title}
                      subtitle={clip(role.character ?? role.job ?? '', 80)}
                      image={picture(role.media, 'poster', 'still')}
                    />
                  ))}
                </Strip>
              )
            })}
          </>
        )}
      </Loaded>
    </LibraryPage>
  )
}
