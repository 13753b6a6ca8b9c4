import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clockLength } from '~/kit/format'
import { useStore } from '~/kit/store'
import { type Media, type Trickplay, tileAt } from './media'
import { player, progress } from './state'
import css from './timeline.module.css'

const STEP_S = 10
const PAGE_S = 60

/** Goes to a second of the media. */
export function seek(video: HTMLVideoElement, to: number): void {
  const { media } = player.get()
  if (media?.isLive) return
  const { duration } = progress.get()
  video.currentTime = Math.max(0, Math.min(to, duration > 0 ? duration - 0.5 : to) - (media?.offset ?? 0))
}

export const seekBy = (video: HTMLVideoElement, seconds: number): void => seek(video, progress.get().at + seconds)

const loaded = new WeakMap<Media, Promise<Trickplay | undefined>>()

/** The small pictures of what plays, once they are known; asked for once. */
function useTrickplay(media: Media): Trickplay | undefined {
  const [found, setFound] = useState<{ media: Media; trickplay: Trickplay | undefined }>()
  useEffect(() => {
    if (!media.trickplay) return
    const asked = loaded.get(media) ?? media.trickplay().catch(() => undefined)
    loaded.set(media, asked)
    let isWanted = true
    void asked.then((trickplay) => isWanted && setFound({ media, trickplay }))
    return () => {
      isWanted = false
    }
  }, [media])
  return found?.media === media ? found.trickplay : undefined
}

function Preview({ media, at, part }: { media: Media; at: number; part: number }) {
  const trickplay = useTrickplay(media)
  const chapter = media.stretches?.find((one) => one.kind === 'chapter' && at >= one.start && at < one.end)
  const tile = trickplay && tileAt(trickplay, at)
  return (
    <span className={css.preview} style={{ insetInlineStart: `${part * 100}%` }}>
      {trickplay && tile && (
        <i
          style={{
            width: trickplay.width,
            height: trickplay.height,
            backgroundImage: `url("${trickplay.sheet(tile.sheet).replaceAll('"', '%22')}")`,
            backgroundPosition: `${-tile.x}px ${-tile.y}px`,
          }}
        />
      )}
      {chapter?.title && <span>{chapter.title.slice(0, 80)}</span>}
      <b>{clockLength(at)}</b>
    </span>
  )
}

/** Where it is, what is at hand, where to go: by pointer, by arrows, with small pictures where the server has them. */
export function Timeline({ video }: { video: RefObject<HTMLVideoElement | null> }) {
  const { t } = useTranslation()
  const media = useStore(player, (state) => state.media)
  const { at, duration, buffered } = useStore(progress)
  const bar = useRef<HTMLDivElement>(null)
  const [over, setOver] = useState<number | null>(null)
  const [held, setHeld] = useState(false)
  if (!media || media.isLive || duration <= 0) return null
  const partOf = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect()
    if (!box?.width) return 0
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const go = (to: number) => video.current && seek(video.current, to)
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: at - STEP_S,
      ArrowRight: at + STEP_S,
      PageDown: at - PAGE_S,
      PageUp: at + PAGE_S,
      Home: 0,
      End: duration,
    }
    const wanted = to[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    event.stopPropagation()
    go(wanted)
  }
  const shown = held && over !== null ? over * duration : at
  const percent = (seconds: number) => `${Math.min(100, (100 * seconds) / duration)}%`
  return (
    <div className={css.timeline} dir="ltr">
      <span className="tabular">{clockLength(shown)}</span>
      <div
        ref={bar}
        className={css.bar}
        role="slider"
        tabIndex={0}
        aria-label={t('player.position')}
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={Math.round(shown)}
        aria-valuetext={`${clockLength(shown)} / ${clockLength(duration)}`}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setOver(partOf(event))}
        onPointerLeave={() => !held && setOver(null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setOver(partOf(event))
          setHeld(true)
        }}
        onPointerUp={(event) => {
          setHeld(false)
          go(partOf(event) * duration)
        }}
        onPointerCancel={() => setHeld(false)}
      >
        <i className={css.buffered} style={{ width: percent(buffered) }} />
        <i className={css.done} style={{ width: percent(shown) }} />
        {media.stretches?.map((one) => (
          <i
            key={`${one.kind}${one.start}`}
            className={one.kind === 'chapter' ? css.chapter : css.stretch}
            style={{ left: percent(one.start), width: one.kind === 'chapter' ? undefined : percent(one.end - one.start) }}
          />
        ))}
        <i className={css.knob} style={{ left: percent(shown) }} />
        {over !== null && <Preview media={media} at={over * duration} part={over} />}
      </div>
      <span className="tabular">{clockLength(duration)}</span>
    </div>
  )
}
