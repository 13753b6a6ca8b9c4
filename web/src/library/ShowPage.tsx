import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core'
import { IconCheck, IconPlayerPlayFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useSearch } from '~/kit/useSearch'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { watchTitle } from './playback/watch'
import { type Episode, length, picture, placeOf, type Show, TITLES } from './shapes'
import { Backdrop } from './title/Backdrop'
import { Cast } from './title/Cast'
import type { Subject } from './title/kinds'
import { TitleMenu } from './title/TitleMenu'
import { WatchlistButton } from './title/WatchlistButton'

const MOST_TABS = 4 // more seasons than fit beside each other on a phone

function EpisodeLine({ episode, show }: { episode: Episode; show: Show }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const path = { show_id: show.id, season_num: String(episode.seasonNumber), episode_num: String(episode.episodeNumber) }
  const at = '/v1/shows/{show_id}/seasons/{season_num}/episodes/{episode_num}/watched'
  const seen = episode.userState.watched
  const mark = useMutation({
    mutationFn: async () => {
      if (seen) await must(api.DELETE(at, { params: { path } }))
      else await must(api.PUT(at, { params: { path } }))
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: TITLES }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const image = picture(episode, 'still', 'thumb', 'backdrop')
  const place = placeOf({ ...episode, year: null })
  const play = () =>
    watchTitle({ mediaType: 'episode', mediaId: episode.id, title: show.title, subtitle: `${place} ${episode.title}`, image })
  return (
    <div className={css.line}>
      <img className={css.still} src={image ?? undefined} alt="" loading="lazy" />
      <span className={css.grow}>
        <b>
          {place} {clip(episode.title, 150)}
        </b>
        <div className={css.dim}>{[length((episode.runtime ?? 0) * 60), episode.airDate].filter(Boolean).join(' · ')}</div>
        <div>{clip(episode.overview ?? '', 240)}</div>
      </span>
      <ActionIcon
        variant={seen ? 'light' : 'default'}
        size={30}
        aria-pressed={seen}
        aria-label={`${t('library.watched')}: ${place}`}
        onClick={() => mark.mutate()}
      >
        <IconCheck size={16} />
      </ActionIcon>
      <Button size="xs" leftSection={<IconPlayerPlayFilled size={14} />} disabled={episode.missing} onClick={play}>
        {t('library.play')}
      </Button>
    </div>
  )
}

function Season({ show, number }: { show: Show; number: number }) {
  const query = useQuery({
    queryKey: [...TITLES, 'season', show.id, number],
    queryFn: ({ signal }) =>
      must(
        api.GET('/v1/shows/{show_id}/seasons/{season_num}/episodes', {
          params: { path: { show_id: show.id, season_num: String(number) } },
          signal,
        }),
      ),
  })
  return (
    <Loaded query={query}>
      {(page) => page.items.map((episode) => <EpisodeLine key={episode.id} episode={episode} show={show} />)}
    </Loaded>
  )
}

function Seasons({ show }: { show: Show }) {
  const { t } = useTranslation()
  const [values, set] = useSearch()
  const query = useQuery({
    queryKey: [...TITLES, 'seasons', show.id],
    queryFn: ({ signal }) => must(api.GET('/v1/shows/{show_id}/seasons', { params: { path: { show_id: show.id } }, signal })),
  })
  const nameOf = ({ seasonNumber }: { seasonNumber: number }) => ({
    value: String(seasonNumber),
    label: seasonNumber === 0 ? t('library.specials') : t('library.season', { number: seasonNumber }),
  })
  return (
    <Loaded query={query}>
      {({ items }) => {
        const first = items.find((one) => one.seasonNumber > 0) ?? items[0]
        const chosen = items.find((one) => String(one.seasonNumber) === values.season) ?? first
        if (!chosen) return null
        return (
          <>
            {items.length > MOST_TABS ? (
              <Select
                className={css.seasons}
                aria-label={t('library.show')}
                value={String(chosen.seasonNumber)}
                allowDeselect={false}
                onChange={(season) => season && set({ season })}
                data={items.map(nameOf)}
              />
            ) : (
              <SegmentedControl
                className={css.seasons}
                aria-label={t('library.show')}
                value={String(chosen.seasonNumber)}
                onChange={(season) => set({ season })}
                data={items.map(nameOf)}
              />
            )}
            <Season show={show} number={chosen.seasonNumber} />
          </>
        )
      }}
    </Loaded>
  )
}

/** Goes on where the viewer is, or begins. */
function Acts({ show }: { show: Show }) {
  const { t } = useTranslation()
  const subject: Subject = { kind: 'show', title: show }
  const next = show.userState.nextEpisode
  const place = next ? placeOf({ ...next, year: null }) : ''
  return (
    <div className={css.row}>
      {next && (
        <Button
          leftSection={<IconPlayerPlayFilled size={16} />}
          onClick={() =>
            watchTitle({
              mediaType: 'episode',
              mediaId: next.id,
              title: show.title,
              subtitle: `${place} ${next.title}`,
              image: picture(show, 'poster', 'still'),
            })
          }
        >
          {t(next.position > 0 ? 'library.resume' : 'library.play')} {place}
        </Button>
      )}
      <WatchlistButton subject={subject} />
      <TitleMenu subject={subject} />
    </div>
  )
}

/** One show: its seasons and what is in them. */
export default function ShowPage() {
  const { t } = useTranslation()
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const query = useQuery({
    queryKey: [...TITLES, 'show', ref],
    queryFn: ({ signal }) => must(api.GET('/v1/shows/{show_id}', { params: { path: { show_id: ref } }, signal })),
  })
  return (
    <LibraryPage title={clip(query.data?.title ?? t('library.show'), 120)}>
      <Loaded query={query}>
        {(show) => (
          <>
            <Backdrop image={picture(show, 'backdrop')} />
            <div className={css.head}>
              <img className={css.poster} src={picture(show, 'poster', 'still') ?? undefined} alt="" />
              <div className={css.about}>
                <div className={css.dim}>
                  {[show.year, show.contentRating, t('library.episodes', { count: show.availableEpisodeCount })]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
                <Acts show={show} />
                <p>{clip(show.overview ?? '', 3000)}</p>
              </div>
            </div>
            <Seasons show={show} />
            <Cast subject={{ kind: 'show', title: show }} />
          </>
        )}
      </Loaded>
    </LibraryPage>
  )
}
