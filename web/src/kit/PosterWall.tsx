import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'

interface Props<T> {
  label: string
  total: number
  item: (index: number) => T | undefined
  render: (item: T | undefined, index: number) => ReactNode
  onShow: (from: number, to: number) => void
  width?: number // least width of a poster, px
  ratio?: number // height / width of the whole tile
}

const GAP = 16

/** As many posters in a row as fit, only those on the screen in the page. */
export function PosterWall<T>({ label, total, item, render, onShow, width = 150, ratio = 1.85 }: Props<T>) {
  const box = useRef<HTMLDivElement>(null)
  const size = useElementSize()
  const columns = Math.max(2, Math.floor((size.width + GAP) / (width + GAP)))
  const tile = (size.width - GAP * (columns - 1)) / columns
  const rows = useVirtualizer({
    count: Math.ceil(total / columns),
    getScrollElement: () => box.current,
    estimateSize: () => tile * ratio + GAP,
    overscan: 2,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new width is a new height of all rows
  useEffect(() => rows.measure(), [tile])
  const shown = rows.getVirtualItems()
  const from = (shown[0]?.index ?? 0) * columns
  const to = ((shown.at(-1)?.index ?? 0) + 1) * columns - 1
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the visible tiles change
  useEffect(() => onShow(from, Math.min(to, total - 1)), [from, to, total])
  return (
    <section ref={box} style={{ overflow: 'auto', flex: 1, minHeight: 0 }} aria-label={label} tabIndex={0}>
      <div ref={size.ref} style={{ position: 'relative', height: rows.getTotalSize() }}>
        {shown.map((row) => (
          <div
            key={row.key}
            style={{
              position: 'absolute',
              insetInline: 0,
              transform: `translateY(${row.start}px)`,
              display: 'grid',
              gridTemplateColumns: `repeat(${columns}, 1fr)`,
              gap: GAP,
            }}
          >
            {Array.from({ length: Math.min(columns, total - row.index * columns) }, (_, column) => {
              const index = row.index * columns + column
              return <div key={index}>{render(item(index), index)}</div>
            })}
          </div>
        ))}
      </div>
    </section>
  )
}
