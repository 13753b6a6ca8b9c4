import { useDraggable, useDroppable } from '@dnd-kit/core'
import { Checkbox } from '@mantine/core'
import { IconGripVertical } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Column } from './DataTable'
import { clip } from './format'
import { InlineEdit } from './InlineEdit'
import { useDropAt } from './RowsToDrag'
import type { RowId } from './reorder'
import css from './table.module.css'
import type { Cell } from './tableKeys'

interface Props<T, K extends RowId> {
  id: string
  rowId: K
  index: number
  top: number
  row: T | undefined
  columns: readonly Column<T>[]
  selected: boolean
  active: number // column, or -1
  editing: number
  movable: boolean
  nameOf: (row: T) => string
  isOff?: (row: T) => boolean
  onToggle: (rowId: K, range: boolean) => void
  onCell: (cell: Cell) => void
  onEdit: (cell: Cell) => void
  onOpen?: (row: T) => void
  onLeave: (to: 'stay' | 'next' | 'previous') => void
}

function Handle({ rowId, name }: { rowId: RowId; name: string }) {
  const { t } = useTranslation()
  const { setNodeRef, listeners } = useDraggable({ id: rowId })
  return (
    // The keyboard moves rows with Alt and the arrows: the handle is for pointers only.
    <button
      type="button"
      ref={setNodeRef}
      className={css.handle}
      {...listeners}
      tabIndex={-1}
      aria-label={t('table.drag', { name })}
    >
      <IconGripVertical size={16} />
    </button>
  )
}

export function TableRow<T, K extends RowId>(props: Props<T, K>) {
  const { id, rowId, index, row, columns, selected, active, editing, movable } = props
  const { t } = useTranslation()
  const { setNodeRef } = useDroppable({ id: rowId, disabled: !movable })
  const drop = useDropAt(rowId)
  const name = row ? clip(props.nameOf(row), 80) : ''
  return (
    <div
      ref={setNodeRef}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={css.row}
      data-selected={selected}
      data-off={row ? props.isOff?.(row) : undefined}
      data-drop={drop}
      style={{ top: props.top }}
      data-row={rowId}
    >
      <div className={css.tools} role="gridcell">
        <Checkbox
          size="xs"
          checked={selected}
          onChange={() => {}}
          onClick={(event) => props.onToggle(rowId, event.shiftKey)}
          aria-label={t('table.select', { name })}
          tabIndex={-1}
        />
        {movable && <Handle rowId={rowId} name={name} />}
      </div>
      {columns.map((column, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
        <div
          key={column.key}
          id={`${id}-${index}-${at}`}
          role="gridcell"
          tabIndex={-1}
          className={column.width ? css.cell : `${css.cell} ${css.grow}`}
          style={column.width ? { width: column.width } : undefined}
          data-active={active === at}
          onClick={() => props.onCell({ row: index, column: at })}
          onDoubleClick={() => (column.edit ? props.onEdit({ row: index, column: at }) : row && props.onOpen?.(row))}
        >
          {!row ? (
            <i className={css.waiting} />
          ) : editing === at && column.edit ? (
            <InlineEdit
              label={`${column.title}: ${name}`}
              value={column.edit.value(row)}
              save={(value) => column.edit?.save(row, value) ?? Promise.resolve()}
              leave={props.onLeave}
            />
          ) : (
            column.render(row)
          )}
        </div>
      ))}
    </div>
  )
}
