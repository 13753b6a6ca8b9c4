import { Button } from '@mantine/core'
import { IconBookmark, IconBookmarkFilled } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { toast } from '~/kit/toast'
import { TITLES } from '../shapes'
import type { Subject } from './kinds'

const PAGE = 100

/** The row of the watchlist that holds a title; the list is read until it is found. */
async function entryOf(id: string): Promise<string | null> {
  let cursor = ''
  do {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) }
    const page = await must(api.GET('/v1/watchlist', { params: { query } }))
    const found = page.items.find((one) => one.mediaId === id)
    if (found) return found.id
    cursor = page.nextCursor ?? ''
  } while (cursor)
  return null
}

/** To be seen later, or no more. */
export function WatchlistButton({ subject }: { subject: Subject }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { kind, title } = subject
  const isListed = title.userState.inWatchlist
  const turn = useMutation({
    mutationFn: async () => {
      if (!isListed) return void (await must(api.POST('/v1/watchlist', { body: { mediaType: kind, mediaId: title.id } })))
      const entry = await entryOf(title.id)
      if (entry) await must(api.DELETE('/v1/watchlist/{entry_id}', { params: { path: { entry_id: entry } } }))
    },
    onSettled: () => cache.invalidateQueries({ queryKey: TITLES }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <Button
      variant="default"
      aria-pressed={isListed}
      leftSection={isListed ? <IconBookmarkFilled size={16} /> : <IconBookmark size={16} />}
      loading={turn.isPending}
      onClick={() => turn.mutate()}
    >
      {t('library.watchlist')}
    </Button>
  )
}
