import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card } from '~/kit/parts'
import css from '../library.module.css'
import { MOVING } from '../shapes'

const SHOWN = 50

/** Titles that were taken over and have no file here yet; nothing when there are none. */
export function GapReport() {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: [...MOVING, 'gaps'],
    queryFn: ({ signal }) => must(api.GET('/v1/migration/gap-report', { params: { query: { limit: SHOWN } }, signal })),
  })
  if (!data?.total) return null
  return (
    <Card title={t('library.moving.gaps', { count: data.total })}>
      {data.items.map((one) => (
        <div key={one.id} className={css.line}>
          <span className={css.grow}>
            {clip(one.title, 150)} {one.year ?? ''}
            {one.lastKnownPath && <div className={css.dim}>{clip(one.lastKnownPath, 200)}</div>}
          </span>
        </div>
      ))}
    </Card>
  )
}
