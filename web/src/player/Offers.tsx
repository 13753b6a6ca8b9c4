import { Button } from '@mantine/core'
import { IconPlayerTrackNext } from '@tabler/icons-react'
import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clip } from '~/kit/format'
import { useStore } from '~/kit/store'
import { skippable } from './media'
import css from './player.module.css'
import { player, playNext, progress } from './state'
import { seek } from './Timeline'

const COUNTDOWN_S = 10

/** At the end: what comes next, by itself after a while, unless somebody says no. */
function Next() {
  const { t } = useTranslation()
  const next = useStore(player, (state) => state.media?.next)
  const [left, setLeft] = useState(COUNTDOWN_S)
  const [waits, setWaits] = useState(Boolean(next?.isAutomatic))
  useEffect(() => {
    if (!waits) return
    if (left <= 0) return playNext()
    const timer = setTimeout(() => setLeft(left - 1), 1_000)
    return () => clearTimeout(timer)
  }, [left, waits])
  if (!next) return null
  return (
    <div className={css.offer}>
      <div>
        <span>{waits ? t('player.nextin', { count: left }) : t('player.next')}</span>
        <b>{clip(next.title, 100)}</b>
      </div>
      <Button leftSection={<IconPlayerTrackNext size={16} />} onClick={playNext} autoFocus>
        {t('player.playnext')}
      </Button>
      {waits && (
        <Button variant="default" onClick={() => setWaits(false)}>
          {t('common.cancel')}
        </Button>
      )}
    </div>
  )
}

/** What can be skipped right now, and what follows. */
export function Offers({ video }: { video: RefObject<HTMLVideoElement | null> }) {
  const { t } = useTranslation()
  const media = useStore(player, (state) => state.media)
  const ended = useStore(player, (state) => state.status === 'ended')
  const at = useStore(progress, (now) => Math.floor(now.at))
  if (!media || media.isLive) return null
  if (ended) return <Next />
  const stretch = skippable(media.stretches, at)
  if (!stretch) return null
  const go = () => {
    if (stretch.kind === 'credits' && media.next) playNext()
    else if (video.current) seek(video.current, stretch.end)
  }
  return (
    <div className={css.offer}>
      <Button variant="white" color="dark" leftSection={<IconPlayerTrackNext size={16} />} onClick={go}>
        {stretch.kind === 'credits' && media.next ? t('player.playnext') : t(`player.skip.${stretch.kind}`)}
      </Button>
    </div>
  )
}
