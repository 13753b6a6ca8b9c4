import { Button, TextInput } from '@mantine/core'
import { IconMicrophone } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useGo } from '~/kit/go'
import { Poster } from '~/kit/Poster'
import { PosterWall } from '~/kit/PosterWall'
import { EmptyState, Loaded, ReasonText } from '~/kit/parts'
import { LibraryPage } from '../LibraryPage'
import css from '../library.module.css'
import { PODCASTS, type Podcast } from '../shapes'

function Subscribe() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const go = useGo()
  const [feedUrl, setFeedUrl] = useState('')
  const save = useMutation({
    mutationFn: () => must(api.POST('/v1/podcasts', { body: { feedUrl: feedUrl.trim() } })),
    onSuccess: (made) => {
      setFeedUrl('')
      void cache.invalidateQueries({ queryKey: PODCASTS })
      go(`/library/podcast/${made.id}`)
    },
  })
  return (
    <>
      <form
        className={css.row}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput
          className={css.grow}
          type="url"
          aria-label={t('library.podcast.feed')}
          placeholder={t('library.podcast.feed')}
          value={feedUrl}
          onChange={(event) => setFeedUrl(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={!feedUrl.trim()}>
          {t('library.podcast.subscribe')}
        </Button>
      </form>
      {save.error && <ReasonText error={save.error} />}
    </>
  )
}

const Tile = ({ one }: { one: Podcast }) => (
  <Poster to={`/library/podcast/${one.id}`} title={one.title} subtitle={one.author ?? ''} image={one.image} shape="square" />
)

/** The podcasts one has subscribed to. */
export default function PodcastsPage() {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: [...PODCASTS, 'list'],
    queryFn: ({ signal }) => must(api.GET('/v1/podcasts', { signal })),
  })
  return (
    <LibraryPage title={t('library.podcasts')} fill>
      <Subscribe />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconMicrophone} title={t('library.podcast.none')}>
              {t('library.podcast.none.about')}
            </EmptyState>
          ) : (
            <PosterWall
              label={t('library.podcasts')}
              ratio={1.35}
              total={items.length}
              item={(index) => items[index]}
              render={(one) => one && <Tile one={one} />}
              onShow={() => undefined}
            />
          )
        }
      </Loaded>
    </LibraryPage>
  )
}
