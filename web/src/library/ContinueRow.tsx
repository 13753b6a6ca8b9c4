import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Strip } from '~/kit/Poster'
import { TITLES } from './shapes'
import { TilePoster } from './Tiles'

/** What the viewer has begun, on the home page; nothing when there is none. */
export default function ContinueRow() {
  const { t } = useTranslation()
  const { data } = useQuery({ queryKey: [...TITLES, 'home'], queryFn: ({ signal }) => must(api.GET('/v1/home', { signal })) })
  const row = data?.rows.find((one) => one.id.startsWith('continue') && one.items.length > 0)
  if (!row) return null
  return (
    <Strip title={t('library.continue')}>
      {row.items.map((card) => (
        <TilePoster key={`${card.mediaType}${card.id}`} card={card} wide />
      ))}
    </Strip>
  )
}
