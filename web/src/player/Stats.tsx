import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bits } from '~/kit/format'
import { useStore } from '~/kit/store'
import { useLocale } from '~/kit/useLocale'
import type { Engine } from './engine'
import css from './player.module.css'
import { player } from './state'
import { bufferedOf } from './usePicture'

/** What the picture is made of, measured each second. */
export function Stats({ video, engine }: { video: RefObject<HTMLVideoElement | null>; engine: Engine | null }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const way = useStore(player, (state) => state.media?.ways[state.way]?.label ?? '')
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  const element = video.current
  if (!element) return null
  const quality = element.getVideoPlaybackQuality()
  const figures = engine?.figures()
  const lines: readonly (readonly [string, string])[] = [
    [t('stats.way'), way],
    [t('stats.engine'), figures?.engine ?? '–'],
    [t('stats.size'), `${element.videoWidth} × ${element.videoHeight}`],
    [t('stats.frames'), `${quality.totalVideoFrames} (${t('stats.dropped', { count: quality.droppedVideoFrames })})`],
    [t('stats.buffer'), `${Math.max(0, bufferedOf(element, 0) - element.currentTime).toFixed(1)} s`],
    [t('stats.speed'), figures?.speedBps ? bits(figures.speedBps, locale) : '–'],
  ]
  return (
    <div className={css.stats}>
      {lines.map(([label, value]) => [<span key={label}>{label}</span>, <span key={`${label}=`}>{value}</span>])}
    </div>
  )
}
