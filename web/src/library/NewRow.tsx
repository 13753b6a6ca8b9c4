import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Strip } from '~/kit/Poster'
import { TITLES } from './shapes'
import { TilePoster } from './Tiles'

const SHOWN = 20

/** What came into the library lately, on the home page; nothing when there is none. */
export default function NewRow() {
  const { t } = useTranslation()
  const { data } = useQuery({ queryKey: [...TITLES, 'home'], queryFn: ({ signal }) => must(api.GET('/v1/home', { signal })) })
  const cards = (data?.rows ?? [])
    .filter((row) => row.id.startsWith('recently_added'))
    .flatMap((row) => row.items)
    .sort((a, b) => b.addedAt.localeCompare(a.addedAt))
    .slice(0, SHOWN)
  if (cards.length === 0) return null
  return (
    <Strip title={t('library.new')}>
      {cards.map((card) => (
        <TilePoster key={`${card.mediaType}${card.id}`} card={card} />
      ))}
    </Strip>
  )
}
