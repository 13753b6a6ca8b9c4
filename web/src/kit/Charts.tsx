import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clock } from './format'
import { useLocale } from './useLocale'

interface Props {
  label: string // what a screen reader says
  at: readonly number[] // unix seconds
  values: readonly (number | null)[]
  format: (value: number) => string
  height?: number
  min?: number
  max?: number
}

const styleOf = (element: Element, name: string) => getComputedStyle(element).getPropertyValue(name).trim()

/** A live series: drawn once, then only given new data. */
export default function Chart({ label, at, values, format, height = 90, min = 0, max }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shown = useRef({ format, min, max })
  shown.current = { format, min, max }
  const locale = useLocale()

  useEffect(() => {
    const element = box.current
    if (!element) return
    const colour = styleOf(element, '--pc-accent') || '#9775fa'
    const dim = styleOf(element, '--mantine-color-dimmed')
    const line = styleOf(element, '--pc-line')
    const range = (_: uPlot, low: number, high: number): [number, number] => [
      shown.current.min ?? low,
      shown.current.max ?? Math.max(high * 1.15, 1e-9),
    ]
    const axis = {
      stroke: dim,
      font: '11px Inter Variable, sans-serif',
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    }
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: { y: { range } },
        series: [
          {},
          { stroke: colour, width: 1.5, fill: `color-mix(in srgb, ${colour} 14%, transparent)`, points: { show: false } },
        ],
        axes: [
          { ...axis, size: 22, space: 80, values: (_, ticks) => ticks.map((tick) => clock(tick * 1000, locale)) },
          { ...axis, size: 62, space: 28, values: (_, ticks) => ticks.map((tick) => shown.current.format(tick)) },
        ],
      },
      [[], []],
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
  }, [height, locale])

  useEffect(() => {
    plot.current?.setData([[...at], [...values]])
  }, [at, values])

  const now = values.at(-1)
  return (
    <div
      ref={box}
      role="img"
      aria-label={now === undefined || now === null ? label : `${label}: ${format(now)}`}
      style={{ height, minWidth: 0, overflow: 'hidden' }}
    />
  )
}
