import { memo } from 'react'
import { clip, clock } from '~/kit/format'
import { Logo } from '~/kit/parts'
import css from './guide.module.css'
import { at, boxOf, ROW_PX } from './layout'
import type { Line } from './useGuide'

interface Props {
  index: number
  line: Line | undefined
  origin: number
  from: number // of the columns that are drawn
  to: number
  zoom: number
  now: number
  width: number
  names: number // px of the column with the names
  activeTime: number | null
  id: string
  locale: string
}

/** One channel. Clicks are taken by the grid, which finds the row and the programme by their data attributes. */
export const GuideRow = memo(function GuideRow({
  index,
  line,
  origin,
  from,
  to,
  zoom,
  now,
  width,
  names,
  activeTime,
  id,
  locale,
}: Props) {
  const active = line && activeTime !== null ? at(line.programmes, activeTime) : undefined
  return (
    <div className={css.row} role="row" aria-rowindex={index + 2} style={{ top: index * ROW_PX, width }} data-row={index}>
      <div className={css.name} role="rowheader" data-channel={line?.channel_id} title={line && clip(line.name, 120)}>
        {line && (
          <>
            <small>{line.number}</small>
            <Logo url={line.logo_url} name={line.name} size={34} />
            <span>{clip(line.name, 80)}</span>
          </>
        )}
      </div>
      {!line && (
        <div className={css.none} style={{ left: names + ((from - origin) / 60) * zoom, width: ((to - from) / 60) * zoom - 4 }} />
      )}
      {line?.programmes.map((one) => {
        const box = boxOf(one, from, to, origin, zoom)
        if (!box) return null
        const running = one.start <= now && now < one.end
        return (
          <div
            key={one.id}
            id={one === active ? `${id}-active` : undefined}
            role="gridcell"
            tabIndex={-1}
            className={css.cell}
            style={{ left: names + box.left, width: box.width - 2 }}
            data-id={one.id}
            data-now={running || undefined}
            data-past={one.end <= now || undefined}
            data-rec={one.recording || undefined}
            data-active={one === active || undefined}
          >
            {box.width > 36 && (
              <span className={css.words}>
                {clip(one.title, 120)}
                {box.width > 70 && (
                  <i>{`${clock(one.start * 1000, locale)}${one.sub_title ? ` · ${clip(one.sub_title, 80)}` : ''}`}</i>
                )}
              </span>
            )}
          </div>
        )
      })}
    </div>
  )
})
