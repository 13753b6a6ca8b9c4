import { IconMovie } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { LinkButton } from '~/kit/go'
import { Strip } from '~/kit/Poster'
import { EmptyState, Loaded } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { LibraryPage } from './LibraryPage'
import { TITLES } from './shapes'
import { TilePoster } from './Tiles'

/** Rows of what to watch, as the server orders them for this viewer. */
export default function StartPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const query = useQuery({ queryKey: [...TITLES, 'home'], queryFn: ({ signal }) => must(api.GET('/v1/home', { signal })) })
  return (
    <LibraryPage title={t('library.title')}>
      <Loaded query={query}>
        {(home) => {
          const rows = home.rows.filter((row) => row.items.length > 0)
          if (rows.length === 0)
            return (
              <EmptyState
                icon={IconMovie}
                title={t('library.none')}
                action={may('library:write') ? <LinkButton to="/library/folders">{t('library.add')}</LinkButton> : undefined}
              >
                {t('library.none.about')}
              </EmptyState>
            )
          return rows.map((row) => (
            <Strip key={row.id} title={t(`library.${row.id}`, { defaultValue: row.title })}>
              {row.items.map((card) => (
                <TilePoster key={`${card.mediaType}${card.id}`} card={card} wide={row.type === 'landscape'} />
              ))}
            </Strip>
          ))
        }}
      </Loaded>
    </LibraryPage>
  )
}
