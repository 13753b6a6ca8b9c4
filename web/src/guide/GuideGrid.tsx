import {
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import { serverNow } from '~/api/serverTime'
import { clock, day } from '~/kit/format'
import { ReasonText, Skeletons } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { GuideRow } from './GuideRow'
import css from './guide.module.css'
import { arrow, at, CHUNK_S, HEAD_PX, originOf, ROW_PX, SPAN_S, sameView, timeAt, type View, viewOf, xOf } from './layout'
import { type Filters, type Programme, useGuide } from './useGuide'

export interface Jump {
  time?: number
  row?: number
  stamp: number // a new one each time, also for the same place
}

interface Props {
  filters: Filters
  zoom: number
  jump: Jump
  onOpen: (programme: Programme) => void
  onWatch: (channelId: number) => void
  onTime: (time: number) => void // the left edge of what is seen
  onZoom: (step: 1 | -1) => void
  empty: React.ReactNode
}

const LEAD_S = 1800 // "now" stands half an hour into the picture

function useNow(): number {
  const [now, setNow] = useState(() => Math.floor(serverNow() / 1000))
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(serverNow() / 1000)), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

export function GuideGrid({ filters, zoom, jump, onOpen, onWatch, onTime, onZoom, empty }: Props) {
  const { t } = useTranslation()
  const locale = useLocale()
  const id = useId()
  const now = useNow()
  const [origin] = useState(() => originOf(serverNow() / 1000))
  const box = useRef<HTMLDivElement>(null)
  const [names, setNames] = useState(216)
  const firstChunk = Math.floor((serverNow() / 1000 - LEAD_S - origin) / CHUNK_S)
  const [view, setView] = useState<View>({ firstRow: 0, lastRow: 15, firstChunk, lastChunk: firstChunk + 1 })
  const [place, setPlace] = useState<{ row: number; time: number } | null>(null)
  const { lines, total, error, refetch } = useGuide(filters, origin, view, firstChunk)
  const rows = total ?? 0
  const width = names + xOf(origin + SPAN_S, origin, zoom)

  const look = useCallback(() => {
    const element = box.current
    if (!element) return
    const next = viewOf(
      {
        left: element.scrollLeft,
        top: element.scrollTop,
        width: element.clientWidth - names,
        height: element.clientHeight - HEAD_PX,
      },
      zoom,
      rows,
    )
    setView((before) => (sameView(before, next) ? before : next))
    onTime(timeAt(element.scrollLeft, origin, zoom))
  }, [zoom, rows, names, origin, onTime])

  useEffect(() => {
    const element = box.current
    if (!element) return
    let asked = 0
    const onScroll = () => {
      asked ||= requestAnimationFrame(() => {
        asked = 0
        look()
      })
    }
    const measure = new ResizeObserver(() => {
      const column =
        Number.parseFloat(getComputedStyle(element).getPropertyValue('--names')) *
        Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
      setNames(column || 216)
      look()
    })
    measure.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    look()
    return () => {
      measure.disconnect()
      element.removeEventListener('scroll', onScroll)
      cancelAnimationFrame(asked)
    }
  }, [look])

  // The same moment stays at the left edge when the zoom changes.
  const before = useRef(zoom)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a jump is told by its stamp
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    if (before.current !== zoom) {
      element.scrollLeft = (element.scrollLeft * zoom) / before.current
      before.current = zoom
      return
    }
    if (jump.time !== undefined) element.scrollLeft = Math.max(0, xOf(jump.time - LEAD_S, origin, zoom))
    if (jump.row !== undefined) element.scrollTop = Math.max(0, (jump.row - 2) * ROW_PX)
    if (jump.row !== undefined && jump.time !== undefined) setPlace({ row: jump.row, time: jump.time })
  }, [jump.stamp, zoom, rows > 0])

  const reach = (next: { row: number; time: number }) => {
    const element = box.current
    if (!element) return
    setPlace(next)
    const top = next.row * ROW_PX
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + ROW_PX > element.scrollTop + element.clientHeight - HEAD_PX)
      element.scrollTop = top + ROW_PX - element.clientHeight + HEAD_PX
    const left = xOf(next.time, origin, zoom)
    const room = element.clientWidth - names
    if (left < element.scrollLeft || left > element.scrollLeft + room - 60) element.scrollLeft = Math.max(0, left - room / 4)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const from = place ?? { row: view.firstRow === 0 ? 0 : view.firstRow + 5, time: now }
    const line = lines.get(from.row)
    const current = line && at(line.programmes, from.time)
    const next = place ? arrow(from, event.key, current, rows) : event.key.startsWith('Arrow') ? from : null
    if (next) reach(next)
    else if (event.key === 'Enter' && current) onOpen(current)
    else if (event.key === 'Home') reach({ ...from, time: now })
    else if (event.key === '+' || event.key === '=') onZoom(1)
    else if (event.key === '-') onZoom(-1)
    else return
    event.preventDefault()
  }
  const onClick = (event: MouseEvent) => {
    const target = event.target as HTMLElement
    const row = Number(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? -1)
    const channel = target.closest<HTMLElement>('[data-channel]')?.dataset.channel
    const programme = lines.get(row)?.programmes.find((one) => one.id === target.closest<HTMLElement>('[data-id]')?.dataset.id)
    if (channel) return onWatch(Number(channel))
    if (!programme) return
    setPlace({ row, time: programme.start })
    onOpen(programme)
  }

  const from = origin + view.firstChunk * CHUNK_S
  const to = origin + (view.lastChunk + 1) * CHUNK_S
  const ticks = useMemo(() => {
    const step = zoom < 3 ? 3600 : 1800
    return Array.from({ length: Math.round((to - from) / step) }, (_, index) => from + index * step)
  }, [from, to, zoom])

  if (error) return <ReasonText error={error} retry={() => void refetch()} />
  if (total === undefined) return <Skeletons rows={12} height={52} />
  if (total === 0) return empty
  const shown = Array.from({ length: Math.max(0, view.lastRow - view.firstRow + 1) }, (_, index) => view.firstRow + index)
  return (
    <div
      ref={box}
      className={css.box}
      dir="ltr"
      role="grid"
      aria-label={t('guide.title')}
      aria-rowcount={total + 1}
      aria-activedescendant={place ? `${id}-active` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
      data-testid="guide"
    >
      <div className={css.axis} role="row" aria-rowindex={1} style={{ width }}>
        <div className={css.corner} role="columnheader">
          {day(from * 1000, locale)}
        </div>
        {ticks.map((time) => (
          <div key={time} className={css.tick} role="columnheader" style={{ left: names + xOf(time, origin, zoom) }}>
            {clock(time * 1000, locale)}
          </div>
        ))}
      </div>
      <div role="rowgroup" style={{ position: 'relative', height: total * ROW_PX, width }}>
        {shown.map((index) => (
          <GuideRow
            key={index}
            index={index}
            line={lines.get(index)}
            origin={origin}
            from={from}
            to={to}
            zoom={zoom}
            now={now}
            width={width}
            names={names}
            activeTime={place?.row === index ? place.time : null}
            id={id}
            locale={locale}
          />
        ))}
      </div>
      <div
        className={css.nowline}
        data-testid="now-line"
        aria-hidden
        style={{ left: names + xOf(now, origin, zoom), height: total * ROW_PX }}
      />
    </div>
  )
}
