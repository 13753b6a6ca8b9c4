import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPlayerPlayFilled } from '@tabler/icons-react'
import { type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clip } from './format'
import { Go } from './go'
import css from './poster.module.css'

interface PosterProps {
  to: string
  title: string
  subtitle?: string
  image: string | null
  shape?: 'poster' | 'wide' | 'square' // 2:3, 16:9, 1:1
  progress?: number // 0-1: how much of it has been seen
  badge?: ReactNode // "4K", the number of unseen episodes
  isSeen?: boolean
  onPlay?: () => void
}

/** One title of a wall or a strip: picture, name, how far one is; the picture leads to its page, the button plays. */
export function Poster({ to, title, subtitle, image, shape = 'poster', progress, badge, isSeen, onPlay }: PosterProps) {
  const { t } = useTranslation()
  const [broken, setBroken] = useState('')
  const shown = image && image !== broken
  return (
    <div className={css.poster} data-shape={shape}>
      <Go to={to} className={css.link}>
        <span className={css.picture}>
          {shown ? (
            <img src={image} alt="" loading="lazy" decoding="async" onError={() => setBroken(image)} />
          ) : (
            <span className={css.noPicture} aria-hidden data-title={clip(title, 60)} />
          )}
          {badge !== undefined && <span className={css.badge}>{badge}</span>}
          {isSeen && <span className={css.seen} role="img" aria-label={t('poster.seen')} />}
          {progress !== undefined && progress > 0 && (
            <span className={css.bar}>
              <i style={{ width: `${Math.min(100, 100 * progress)}%` }} />
            </span>
          )}
        </span>
        <b>{clip(title, 120)}</b>
        {subtitle && <span className={css.sub}>{clip(subtitle, 120)}</span>}
      </Go>
      {onPlay && (
        <ActionIcon
          className={css.play}
          variant="filled"
          radius="xl"
          size="lg"
          onClick={onPlay}
          aria-label={t('poster.play', { title: clip(title, 80) })}
        >
          <IconPlayerPlayFilled size={16} />
        </ActionIcon>
      )}
    </div>
  )
}

/** The place of a poster whose title is still on its way. */
export const PosterWaiting = ({ shape = 'poster' }: Pick<PosterProps, 'shape'>) => (
  <div className={css.poster} data-shape={shape} aria-hidden>
    <span className={`${css.picture} ${css.waiting}`} />
  </div>
)

/** A row of posters that scrolls sideways: by finger, by wheel, by the two buttons, by Tab. */
export function Strip({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const turn = (sign: 1 | -1) => {
    const { current } = box
    const way = current && getComputedStyle(current).direction === 'rtl' ? -sign : sign
    current?.scrollBy({ left: way * current.clientWidth * 0.85, behavior: 'smooth' })
  }
  return (
    <section className={css.strip} aria-label={title}>
      <div className={css.stripHead}>
        <h2>{title}</h2>
        {action}
        <span className={css.turns}>
          <ActionIcon variant="subtle" color="gray" onClick={() => turn(-1)} aria-label={t('strip.back', { title })}>
            <IconChevronLeft size={18} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" onClick={() => turn(1)} aria-label={t('strip.on', { title })}>
            <IconChevronRight size={18} />
          </ActionIcon>
        </span>
      </div>
      <div className={css.stripBody} ref={box} tabIndex={0} role="group" aria-label={title}>
        {children}
      </div>
    </section>
  )
}
