import { Checkbox } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RowsToDrag } from './RowsToDrag'
import { between, type RowId, stepAnchor } from './reorder'
import { TableRow } from './TableRow'
import css from './table.module.css'
import { type Cell, moveCell, nextEditable } from './tableKeys'

export const ROW_PX = 44

export interface Column<T> {
  key: string
  title: string
  width?: number // px; the one without takes what is left
  render: (row: T) => ReactNode
  sort?: string
  edit?: { value: (row: T) => string; save: (row: T, value: string) => Promise<unknown> }
}

export interface TableProps<T, K extends RowId> {
  label: string
  columns: readonly Column<T>[]
  order: readonly K[]
  row: (id: K) => T | undefined
  nameOf: (row: T) => string
  isOff?: (row: T) => boolean
  onShow: (from: number, to: number) => void
  selected: ReadonlySet<K>
  onSelect: (ids: ReadonlySet<K>) => void
  onMove?: (ids: ReadonlySet<K>, afterId: K | null) => void // absent: rows cannot be moved
  onOpen?: (row: T) => void // Enter on a cell that cannot be edited, a double click
  sort?: string
  onSort?: (sort: string) => void
  at?: K // the row to show and stand on, as the address names it
}

/** A table for ten thousand rows: only what is seen exists; keyboard as in a spreadsheet; many rows dragged at once. */
export function DataTable<T extends { id: K }, K extends RowId = T['id']>(props: TableProps<T, K>) {
  const { label, columns, order, row, onShow, selected, onSelect, onMove, onOpen, sort = '', onSort } = props
  const { t } = useTranslation()
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 })
  const [editing, setEditing] = useState<Cell | null>(null)
  const [anchor, setAnchor] = useState<K | null>(null)
  const rows = useVirtualizer({
    count: order.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollPaddingStart: 44,
  })
  const items = rows.getVirtualItems()
  const from = items[0]?.index ?? 0
  const to = items.at(-1)?.index ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the visible rows change, not when the callback does
  useEffect(() => onShow(from, to), [from, to, order.length])

  const found = props.at === undefined ? -1 : order.indexOf(props.at)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each row that the address names, not with each redraw
  useEffect(() => {
    if (found < 0) return
    setActive({ row: found, column: 0 })
    rows.scrollToIndex(found, { align: 'center' })
  }, [found < 0, props.at])

  const reach = (cell: Cell) => {
    setActive(cell)
    rows.scrollToIndex(cell.row)
  }
  const toggle = (rowId: K, range: boolean) => {
    const next = new Set(selected)
    if (range && anchor !== null) for (const one of between(order, anchor, rowId)) next.add(one)
    else if (next.has(rowId)) next.delete(rowId)
    else next.add(rowId)
    if (!range) setAnchor(rowId)
    onSelect(next)
  }
  const leave = (where: 'stay' | 'next' | 'previous') => {
    const cell = editing ?? active
    const next =
      where === 'stay'
        ? null
        : nextEditable(
            cell,
            columns.map((column) => Boolean(column.edit)),
            order.length,
            where === 'previous',
          )
    setEditing(next)
    if (next) reach(next)
    else box.current?.focus({ preventScroll: true })
  }
  const moveBy = (step: 1 | -1) => {
    const rowId = order[active.row]
    const ids = selected.size > 0 ? selected : new Set<K>(rowId === undefined ? [] : [rowId])
    const after = stepAnchor(order, ids, step)
    if (after === undefined || !onMove) return
    onMove(ids, after)
    reach({ ...active, row: Math.min(Math.max(0, active.row + step), order.length - 1) })
  }
  const open = () => {
    const rowId = order[active.row]
    const found = rowId === undefined ? undefined : row(rowId)
    if (columns[active.column]?.edit) setEditing(active)
    else if (found) onOpen?.(found)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return
    const rowId = order[active.row]
    if (event.altKey && event.key === 'ArrowUp') moveBy(-1)
    else if (event.altKey && event.key === 'ArrowDown') moveBy(1)
    else if (event.key === 'Enter' || event.key === 'F2') open()
    else if (event.key === ' ' && rowId !== undefined) toggle(rowId, event.shiftKey)
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onSelect(new Set(order))
    else if (event.key === 'Escape' && selected.size > 0) onSelect(new Set())
    else {
      const next = moveCell(active, event.key, { rows: order.length, columns: columns.length, page: Math.max(1, to - from - 8) })
      if (!next) return
      const nextId = order[next.row]
      if (event.shiftKey && next.row !== active.row && rowId !== undefined && nextId !== undefined) {
        const start = anchor ?? rowId
        setAnchor(start)
        onSelect(new Set(between(order, start, nextId)))
      }
      reach(next)
    }
    event.preventDefault()
  }
  const sortBy = (column: Column<T>) => column.sort && onSort?.(sort === column.sort ? `-${column.sort}` : column.sort)
  const Arrow = sort.startsWith('-') ? IconArrowUp : IconArrowDown
  const sorted = sort.replace('-', '')
  const all = order.length > 0 && selected.size === order.length

  return (
    <RowsToDrag
      order={order}
      selected={selected}
      nameOf={(one) => {
        const found = row(one)
        return found ? props.nameOf(found) : ''
      }}
      onMove={onMove}
    >
      <div
        ref={box}
        className={css.box}
        role="grid"
        aria-label={label}
        aria-rowcount={order.length + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-activedescendant={
          items.some((item) => item.index === active.row) ? `${id}-${active.row}-${active.column}` : undefined
        }
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-testid="grid"
      >
        <div className={css.inner} role="presentation">
          <div className={css.head} role="row" aria-rowindex={1}>
            <div className={css.tools} role="columnheader" aria-label={t('table.selectall')}>
              <Checkbox
                size="xs"
                checked={all}
                indeterminate={!all && selected.size > 0}
                onChange={() => onSelect(all ? new Set() : new Set(order))}
                aria-label={t('table.selectall')}
              />
            </div>
            {columns.map((column) => (
              <div
                key={column.key}
                role="columnheader"
                className={column.width ? undefined : css.grow}
                style={column.width ? { width: column.width } : undefined}
                aria-sort={
                  column.sort && sorted === column.sort ? (sort.startsWith('-') ? 'descending' : 'ascending') : undefined
                }
              >
                {column.sort && onSort ? (
                  <button type="button" className={css.sort} onClick={() => sortBy(column)}>
                    {column.title}
                    {sorted === column.sort && <Arrow size={14} aria-hidden />}
                  </button>
                ) : (
                  column.title
                )}
              </div>
            ))}
          </div>
          <div className={css.body} role="rowgroup" style={{ height: rows.getTotalSize() }}>
            {items.map((item) => {
              const rowId = order[item.index]
              if (rowId === undefined) return null
              return (
                <TableRow
                  key={rowId}
                  id={id}
                  rowId={rowId}
                  index={item.index}
                  top={item.start}
                  row={row(rowId)}
                  columns={columns}
                  selected={selected.has(rowId)}
                  active={active.row === item.index ? active.column : -1}
                  editing={editing?.row === item.index ? editing.column : -1}
                  movable={Boolean(onMove)}
                  nameOf={props.nameOf}
                  isOff={props.isOff}
                  onToggle={toggle}
                  onCell={setActive}
                  onEdit={setEditing}
                  onOpen={onOpen}
                  onLeave={leave}
                />
              )
            })}
          </div>
        </div>
      </div>
    </RowsToDrag>
  )
}
