import { ActionIcon, Slider, Tooltip } from '@mantine/core'
import {
  type Icon,
  IconArrowBackUp,
  IconArrowsDiagonal,
  IconArrowsDiagonalMinimize2,
  IconChevronDown,
  IconChevronUp,
  IconMaximize,
  IconPictureInPicture,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNext,
  IconRewindBackward10,
  IconRewindForward10,
  IconVolume,
  IconVolumeOff,
  IconX,
} from '@tabler/icons-react'
import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from '~/kit/store'
import type { Engine } from './engine'
import css from './player.module.css'
import { close, player, playLast, playNext, playPrevious, setMode } from './state'
import { seekBy } from './Timeline'
import { TrackMenu } from './Tracks'
import { togglePause, togglePip } from './useKeys'

interface Props {
  video: RefObject<HTMLVideoElement | null>
  engine: Engine | null
  toggleStats: () => void
}

function Key({
  label,
  icon: Picture,
  onClick,
  disabled,
  wide,
}: {
  label: string
  icon: Icon
  onClick: () => void
  disabled?: boolean
  wide?: boolean
}) {
  const full = useStore(player, (state) => state.mode === 'full')
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color={full ? 'white' : 'gray'}
        size="lg"
        aria-label={label}
        onClick={onClick}
        disabled={disabled}
        className={wide ? css.wide : undefined}
      >
        <Picture size={20} />
      </ActionIcon>
    </Tooltip>
  )
}

const KEPT = 'polycast.volume'
const STEP_S = 10

function Sound({ video }: { video: RefObject<HTMLVideoElement | null> }) {
  const { t } = useTranslation()
  const [sound, setSound] = useState({ volume: Number(localStorage.getItem(KEPT) ?? 1), muted: false })
  useEffect(() => {
    const element = video.current
    if (!element) return
    element.volume = Number(localStorage.getItem(KEPT) ?? 1)
    const look = () => {
      setSound({ volume: element.volume, muted: element.muted })
      localStorage.setItem(KEPT, String(element.volume))
    }
    look()
    element.addEventListener('volumechange', look)
    return () => element.removeEventListener('volumechange', look)
  }, [video])
  const mute = () => {
    if (video.current) video.current.muted = !video.current.muted
  }
  const set = (volume: number) => {
    if (video.current) Object.assign(video.current, { volume, muted: volume === 0 })
  }
  return (
    <>
      <Key
        label={sound.muted ? t('player.unmute') : t('player.mute')}
        icon={sound.muted ? IconVolumeOff : IconVolume}
        onClick={mute}
        wide
      />
      <Slider
        className={css.wide}
        w={90}
        size="xs"
        min={0}
        max={1}
        step={0.05}
        label={null}
        value={sound.muted ? 0 : sound.volume}
        onChange={set}
        thumbLabel={t('player.volume')}
        thumbSize={12}
      />
    </>
  )
}

export function Controls({ video, engine, toggleStats }: Props) {
  const { t } = useTranslation()
  const status = useStore(player, (state) => state.status)
  const last = useStore(player, (state) => state.last)
  const full = useStore(player, (state) => state.mode === 'full')
  const media = useStore(player, (state) => state.media)
  const withVideo = (run: (element: HTMLVideoElement) => void) => () => video.current && run(video.current)
  return (
    <div className={css.controls}>
      <Key
        label={status === 'playing' ? t('player.pause') : t('player.play')}
        icon={status === 'playing' ? IconPlayerPauseFilled : IconPlayerPlayFilled}
        onClick={withVideo(togglePause)}
      />
      {media?.isLive ? (
        <>
          <Key label={t('player.up')} icon={IconChevronUp} onClick={playPrevious} disabled={!media.previous} wide={!full} />
          <Key label={t('player.down')} icon={IconChevronDown} onClick={playNext} disabled={!media.next} wide={!full} />
        </>
      ) : (
        <>
          <Key
            label={t('player.back', { count: STEP_S })}
            icon={IconRewindBackward10}
            onClick={withVideo((element) => seekBy(element, -STEP_S))}
          />
          <Key
            label={t('player.forward', { count: STEP_S })}
            icon={IconRewindForward10}
            onClick={withVideo((element) => seekBy(element, STEP_S))}
          />
          {media?.next && <Key label={t('player.playnext')} icon={IconPlayerTrackNext} onClick={playNext} wide={!full} />}
        </>
      )}
      {last && <Key label={t('player.last')} icon={IconArrowBackUp} onClick={playLast} wide={!full} />}
      <Sound video={video} />
      <span style={{ flex: 1 }} />
      <TrackMenu video={video} engine={engine} toggleStats={toggleStats} />
      <Key
        label={t('player.pip')}
        icon={IconPictureInPicture}
        onClick={withVideo((element) => void togglePip(element).catch(() => {}))}
        wide
      />
      {full && (
        <Key
          label={t('player.screen')}
          icon={IconMaximize}
          onClick={withVideo(
            (element) =>
              void (document.fullscreenElement ? document.exitFullscreen() : element.closest('section')?.requestFullscreen()),
          )}
        />
      )}
      {!full && <Key label={t('player.enlarge')} icon={IconArrowsDiagonal} onClick={() => setMode('full')} wide />}
      {!full && <Key label={t('player.close')} icon={IconX} onClick={close} />}
    </div>
  )
}

export function TopControls() {
  const { t } = useTranslation()
  return (
    <>
      <Key label={t('player.shrink')} icon={IconArrowsDiagonalMinimize2} onClick={() => setMode('mini')} />
      <Key label={t('player.close')} icon={IconX} onClick={close} />
    </>
  )
}
