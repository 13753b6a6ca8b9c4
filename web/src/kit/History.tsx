import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clock, day } from './format'
import css from './history.module.css'
import { useLocale } from './useLocale'

export interface Series {
  label: string
  values: readonly (number | null)[]
}

interface Props {
  label: string // what a screen reader says
  at: readonly number[] // unix seconds
  series: readonly Series[]
  format: (value: number) => string
  kind?: 'lines' | 'bars'
  height?: number
}

// Told apart by light and dark as much as by hue; the first is the accent.
const COLOURS = ['--pc-accent', '--pc-info', '--pc-good', '--pc-warning', '--pc-bad', '--mantine-color-dimmed'] as const
const DAY_S = 86_400

const styleOf = (element: Element, name: string) => getComputedStyle(element).getPropertyValue(name).trim()

/** Several series over hours or months, with a legend that shows the values under the pointer. */
export default function History({ label, at, series, format, kind = 'lines', height = 220 }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shown = useRef(format)
  shown.current = format
  const locale = useLocale()
  const { t } = useTranslation()
  const time = t('common.time')
  const span = (at.at(-1) ?? 0) - (at[0] ?? 0)
  const labels = series.map((one) => one.label).join('\n')
  const long = span > 2 * DAY_S

  useEffect(() => {
    const element = box.current
    if (!element) return
    const dim = styleOf(element, '--mantine-color-dimmed')
    const grid = { stroke: styleOf(element, '--pc-line'), width: 1 }
    const axis = { stroke: dim, font: '11px Inter Variable, sans-serif', grid, ticks: { show: false } }
    const when = (tick: number) => (long ? day(tick * 1000, locale) : clock(tick * 1000, locale))
    const bars = kind === 'bars' && uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 48] }) } : {}
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { y: false, points: { size: 6 } },
        scales: { y: { range: (_, __, high) => [0, Math.max((high ?? 0) * 1.12, 1e-9)] } },
        series: [
          { label: time, value: (_, tick) => (tick === null ? '' : when(tick)) },
          ...labels.split('\n').map((name, index) => {
            const colour = styleOf(element, COLOURS[index % COLOURS.length] ?? '--pc-accent')
            const fill = kind === 'bars' ? colour : `color-mix(in srgb, ${colour} 10%, transparent)`
            return {
              label: name,
              stroke: colour,
              width: 1.5,
              fill,
              points: { show: false },
              value: (_: uPlot, value: number | null) => (value === null ? '–' : shown.current(value)),
              ...bars,
            }
          }),
        ],
        axes: [
          { ...axis, size: 24, space: 90, values: (_, ticks) => ticks.map(when) },
          { ...axis, size: 64, space: 32, values: (_, ticks) => ticks.map((tick) => shown.current(tick)) },
        ],
      },
      [[], ...labels.split('\n').map(() => [])],
      element,
    )
    plot.current = made
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [height, kind, labels, locale, long, time])

  useEffect(() => {
    plot.current?.setData([[...at], ...series.map((one) => [...one.values])])
  }, [at, series])

  return <div ref={box} className={css.history} role="img" aria-label={label} style={{ minHeight: height }} />
}
