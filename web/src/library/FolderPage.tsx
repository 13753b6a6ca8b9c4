import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bytes, clip, count } from '~/kit/format'
import { Go } from '~/kit/go'
import { Card, Loaded } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { FOLDERS, length, pageOf } from './shapes'

const SHOWS: readonly string[] = ['tv', 'anime']
const SHOWN = 100

function Figures({ id }: { id: string }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useQuery({
    queryKey: [...FOLDERS, 'stats', id],
    queryFn: ({ signal }) => must(api.GET('/v1/libraries/{library_id}/stats', { params: { path: { library_id: id } }, signal })),
  })
  return (
    <Loaded query={query} rows={2}>
      {(stats) => {
        const figures = [
          [t('library.board.movies'), count(stats.movies, locale)],
          [t('library.board.shows'), count(stats.shows, locale)],
          [t('library.board.episodes'), count(stats.episodes, locale)],
          [t('library.stats.size'), bytes(stats.totalSize, locale)],
          [t('library.stats.length'), length(stats.totalDuration) || '0 min'],
          [t('library.stats.direct'), `${stats.directPlayPercent} %`],
        ] as const
        return (
          <>
            <dl className={css.figures}>
              {figures.map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <div className={css.dim}>
              {[...stats.resolutions, ...stats.videoCodecs, ...stats.audioCodecs]
                .map((one) => `${clip(one.name, 20)} ${one.percent} %`)
                .join(' · ')}
            </div>
          </>
        )
      }}
    </Loaded>
  )
}

const LISTS = {
  unmatched: '/v1/libraries/{library_id}/unmatched',
  missing: '/v1/libraries/{library_id}/missing',
  duplicates: '/v1/libraries/{library_id}/duplicates',
} as const

function Wants({ id, list, isShows }: { id: string; list: keyof typeof LISTS; isShows: boolean }) {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: [...FOLDERS, list, id],
    queryFn: ({ signal }) =>
      must(api.GET(LISTS[list], { params: { path: { library_id: id }, query: { limit: SHOWN } }, signal })),
  })
  return (
    <Card title={t(`library.${list}`)}>
      <Loaded query={query} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={css.dim}>{t(`library.${list}.none`)}</p>
          ) : (
            items.map((one) => (
              <div key={`${one.itemId}${one.path}`} className={css.line}>
                <span className={css.grow}>
                  {one.itemId ? (
                    <Go to={pageOf({ id: one.itemId, mediaType: isShows ? 'show' : 'movie' })}>
                      <b>{clip(one.title ?? one.path, 150)}</b>
                    </Go>
                  ) : (
                    <b>{clip(one.title ?? one.path, 150)}</b>
                  )}
                  <div className={css.dim}>{[clip(one.path, 200), clip(one.reason, 200)].filter(Boolean).join(' · ')}</div>
                </span>
              </div>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}

/** What one library consists of, and what in it wants a person. */
export default function FolderPage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...FOLDERS, 'one', ref],
    queryFn: ({ signal }) => must(api.GET('/v1/libraries/{library_id}', { params: { path: { library_id: ref } }, signal })),
  })
  return (
    <LibraryPage title={clip(query.data?.name ?? t('library.folders'), 120)}>
      <Loaded query={query}>
        {(folder) => (
          <>
            <Card title={t('library.stats')}>
              <Figures id={folder.id} />
            </Card>
            {(['unmatched', 'missing', 'duplicates'] as const).map((list) => (
              <Wants key={list} id={folder.id} list={list} isShows={SHOWS.includes(folder.type)} />
            ))}
          </>
        )}
      </Loaded>
    </LibraryPage>
  )
}
