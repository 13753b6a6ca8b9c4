import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clip } from './format'
import { useLocale } from './useLocale'
import { DAY_MIN, layWeek, moved, resized, type Slot } from './week'
import css from './week.module.css'

export interface WeekItem extends Slot {
  id: string
  title: string
  colour?: string // a CSS colour for its edge
  isFixed?: boolean
}

interface Props<T extends WeekItem> {
  label: string
  items: readonly T[]
  step?: number // minutes that moves and new slots snap to
  onOpen: (item: T) => void
  onCreate?: (slot: Slot) => void
  onMove?: (item: T, to: Slot) => void
}

const HOUR_PX = 44
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const DAYS = [0, 1, 2, 3, 4, 5, 6] as const
const MONDAY = Date.UTC(2024, 0, 1) // a Monday, for the names of the days only

interface Grip {
  item: WeekItem
  how: 'move' | 'resize'
  x: number
  y: number
  to: Slot
}

/** A week as people draw it: days beside each other, drag to move or to lengthen, arrows do the same, a click in the free makes one. */
export function WeekGrid<T extends WeekItem>({ label, items, step = 15, onOpen, onCreate, onMove }: Props<T>) {
  const { t } = useTranslation()
  const locale = useLocale()
  const box = useRef<HTMLDivElement>(null)
  const [grip, setGrip] = useState<Grip | null>(null)
  const nameOfDay = (day: number, weekday: 'short' | 'long') =>
    new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' }).format(MONDAY + day * 86_400_000)
  const clockOf = (minutes: number) =>
    `${String(Math.floor((minutes % DAY_MIN) / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const wordsOf = (item: WeekItem) =>
    t('week.item', {
      title: clip(item.title, 80),
      day: nameOfDay(Math.floor(item.start / DAY_MIN) % 7, 'long'),
      from: clockOf(item.start),
      to: clockOf(item.end),
    })
  const shown = items.map((item) => (grip?.item.id === item.id ? { ...item, ...grip.to } : item))
  const snap = (minutes: number) => Math.round(minutes / step) * step
  const hold = (event: PointerEvent<HTMLElement>, item: T, how: Grip['how']) => {
    if (!onMove || item.isFixed || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    event.stopPropagation()
    setGrip({ item, how, x: event.clientX, y: event.clientY, to: { start: item.start, end: item.end } })
  }
  const drag = (event: PointerEvent) => {
    if (!grip) return
    const column = (box.current?.clientWidth ?? 700) / 7
    const minutes = snap(((event.clientY - grip.y) / HOUR_PX) * 60)
    const days = grip.how === 'move' ? Math.round((event.clientX - grip.x) / column) : 0
    const to = grip.how === 'move' ? moved(grip.item, minutes + days * DAY_MIN) : resized(grip.item, minutes, step)
    setGrip({ ...grip, to })
  }
  const drop = (item: T) => {
    if (!grip) return
    const { to } = grip
    setGrip(null)
    if (to.start !== item.start || to.end !== item.end) onMove?.(item, to)
    else onOpen(item)
  }
  const onKeyDown = (event: KeyboardEvent, item: T) => {
    const by: Readonly<Record<string, number>> = { ArrowUp: -step, ArrowDown: step, ArrowLeft: -DAY_MIN, ArrowRight: DAY_MIN }
    const minutes = by[event.key]
    if (minutes === undefined || !event.altKey || !onMove || item.isFixed) return
    event.preventDefault()
    onMove(item, event.shiftKey ? resized(item, minutes, step) : moved(item, minutes))
  }
  const create = (event: PointerEvent<HTMLElement>, day: number) => {
    if (!onCreate || event.target !== event.currentTarget) return
    const top = event.currentTarget.getBoundingClientRect().top
    const start = day * DAY_MIN + Math.floor((((event.clientY - top) / HOUR_PX) * 60) / 60) * 60
    onCreate({ start, end: start + 60 })
  }
  return (
    <section className={css.week} aria-label={label}>
      <div className={css.days}>
        <span />
        {DAYS.map((day) => (
          <b key={day}>{nameOfDay(day, 'short')}</b>
        ))}
      </div>
      <div className={css.scroll}>
        <div className={css.hours} aria-hidden>
          {HOURS.map((hour) => (
            <span key={hour} style={{ height: HOUR_PX }}>
              {`${hour}:00`}
            </span>
          ))}
        </div>
        <div className={css.body} ref={box} style={{ height: 24 * HOUR_PX }}>
          {DAYS.map((day) => (
            <div
              key={day}
              className={css.day}
              style={{ insetInlineStart: `${(day / 7) * 100}%` }}
              onPointerUp={(event) => create(event, day)}
            />
          ))}
          {layWeek(shown).map(({ slot, piece }) => (
            <button
              key={`${slot.id}-${piece.day}`}
              type="button"
              className={css.item}
              data-held={grip?.item.id === slot.id}
              aria-label={wordsOf(slot)}
              aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+ArrowLeft Alt+ArrowRight"
              style={{
                insetInlineStart: `${((piece.day + piece.lane / piece.lanes) / 7) * 100}%`,
                width: `${100 / 7 / piece.lanes}%`,
                top: (piece.from / 60) * HOUR_PX,
                height: Math.max(18, ((piece.to - piece.from) / 60) * HOUR_PX - 2),
                borderInlineStartColor: slot.colour,
              }}
              onPointerDown={(event) => hold(event, slot, 'move')}
              onPointerMove={drag}
              onPointerUp={() => drop(slot)}
              onPointerCancel={() => setGrip(null)}
              onClick={() => (!onMove || slot.isFixed) && onOpen(slot)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') onOpen(slot)
                else onKeyDown(event, slot)
              }}
            >
              <b>{clip(slot.title, 60)}</b>
              <span>{`${clockOf(slot.start)}–${clockOf(slot.end)}`}</span>
              {onMove && !slot.isFixed && (
                <i
                  className={css.grip}
                  onPointerDown={(event) => hold(event, slot, 'resize')}
                  onPointerMove={drag}
                  onPointerUp={(event) => {
                    event.stopPropagation()
                    drop(slot)
                  }}
                />
              )}
            </button>
          ))}
        </div>
      </div>
    </section>
  )
}
