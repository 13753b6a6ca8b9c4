import { Button, Loader } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clip } from '~/kit/format'
import { Logo } from '~/kit/parts'
import { useStore } from '~/kit/store'
import { Controls, TopControls } from './Controls'
import { Offers } from './Offers'
import css from './player.module.css'
import { Stats } from './Stats'
import { again, chooseWay, player, setMode } from './state'
import { Timeline } from './Timeline'
import { cue } from './Tracks'
import { useMediaSession, usePlayerKeys } from './useKeys'
import { usePicture } from './usePicture'
import { useReport } from './useReport'

const QUIET_MS = 3_000

/** True once the pointer and the keys have rested. */
function useQuiet(active: boolean): boolean {
  const [quiet, setQuiet] = useState(false)
  useEffect(() => {
    if (!active) return setQuiet(false)
    let timer: ReturnType<typeof setTimeout>
    const wake = () => {
      setQuiet(false)
      clearTimeout(timer)
      timer = setTimeout(() => setQuiet(true), QUIET_MS)
    }
    wake()
    const names = ['pointermove', 'pointerdown', 'keydown'] as const
    for (const name of names) window.addEventListener(name, wake)
    return () => {
      clearTimeout(timer)
      for (const name of names) window.removeEventListener(name, wake)
    }
  }, [active])
  return quiet
}

function TroubleBox() {
  const { t } = useTranslation()
  const trouble = useStore(player, (state) => state.trouble)
  const ways = useStore(player, (state) => state.media?.ways)
  if (!trouble) return null
  return (
    <div className={css.trouble} role="alert">
      <div>
        <b>{t(`trouble.${trouble.reason}`)}</b>
        <p>{t(`trouble.${trouble.reason}.try`)}</p>
        <Button size="compact-md" onClick={again} mr="xs">
          {t('common.retry')}
        </Button>
        {(ways?.length ?? 0) > 1 && trouble.reason === 'codec' && (
          <Button size="compact-md" variant="default" onClick={() => chooseWay((ways?.length ?? 1) - 1)}>
            {t('player.compatible')}
          </Button>
        )}
        <p style={{ fontSize: '0.75rem', marginTop: 12 }}>{clip(trouble.said, 200)}</p>
      </div>
    </div>
  )
}

/** One video element for the whole visit: small at the bottom or filling the window, never taken out of the page. */
export default function Dock() {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const engine = usePicture(video)
  const { mode, media, status, digits } = useStore(player)
  const look = useStore(cue)
  useReport(video, engine)
  const [stats, setStats] = useState(false)
  const [toggleStats] = useState(() => () => setStats((shown) => !shown))
  const full = mode === 'full'
  const quiet = useQuiet(full && status === 'playing')
  usePlayerKeys(video, toggleStats)
  const title = clip(media?.title ?? '', 160)
  const subtitle = clip(media?.subtitle ?? '', 160)
  useMediaSession(title, subtitle, media?.image, video)
  const words = (
    <div className={css.words}>
      <b>{title || t('player.tuning')}</b>
      <span className={status === 'failed' && !full ? css.miniTrouble : undefined}>
        {status === 'failed' && !full ? t('player.failed') : subtitle}
      </span>
    </div>
  )
  const waiting = status === 'loading' || status === 'stalled'
  return (
    <section
      className={`${css.dock} ${full ? css.full : css.mini}`}
      aria-label={t('player.title')}
      data-quiet={quiet}
      data-testid="player"
      data-status={status}
    >
      <div className={css.screen}>
        {/* biome-ignore lint/a11y/useMediaCaption: live television brings its own subtitles, chosen in the controls */}
        <video
          ref={video}
          playsInline
          data-testid="video"
          aria-label={subtitle || title}
          data-cue={look}
          onDoubleClick={() => setMode(full ? 'mini' : 'full')}
        >
          {media?.subtitles?.map((text) => (
            <track
              key={`${media.key} ${text.id}`}
              kind="subtitles"
              src={text.url}
              srcLang={text.language}
              label={text.label}
              default={text.isDefault}
            />
          ))}
        </video>
        {media?.isAudio && (
          <div className={css.art}>
            <Logo url={media.image} name={title} size={full ? 240 : 56} />
          </div>
        )}
        {waiting && (
          <div className={css.wait}>
            <Loader color="white" size={full ? 'lg' : 'sm'} role="img" aria-label={t('player.tuning')} />
          </div>
        )}
        {!full && (
          <button type="button" className={css.enlarge} aria-label={t('player.enlarge')} onClick={() => setMode('full')} />
        )}
        {full && stats && <Stats video={video} engine={engine} />}
        {full && status === 'failed' && <TroubleBox />}
        {full && <Offers key={media?.key} video={video} />}
        {full && (
          <>
            <div className={`${css.overTop} ${quiet ? css.quiet : ''}`}>
              <TopControls />
            </div>
            <div className={`${css.over} ${quiet ? css.quiet : ''}`}>
              {words}
              <Timeline video={video} />
              <Controls video={video} engine={engine} toggleStats={toggleStats} />
            </div>
          </>
        )}
      </div>
      {!full && words}
      {!full && <Controls video={video} engine={engine} toggleStats={toggleStats} />}
      {digits && (
        <output className={css.digits} aria-label={t('player.number')}>
          {digits}
        </output>
      )}
    </section>
  )
}
