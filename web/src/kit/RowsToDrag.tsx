import {
  type ClientRect,
  DndContext,
  type DragEndEvent,
  type DragMoveEvent,
  DragOverlay,
  MouseSensor,
  pointerWithin,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import { IconGripVertical } from '@tabler/icons-react'
import { createContext, type ReactNode, useContext, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clip } from './format'
import type { RowId } from './reorder'
import css from './table.module.css'

interface DropAt {
  id: RowId
  edge: 'before' | 'after'
}

const Context = createContext<DropAt | null>(null)

export function useDropAt(rowId: RowId): 'before' | 'after' | undefined {
  const at = useContext(Context)
  return at?.id === rowId ? at.edge : undefined
}

/** Upper half of the row under the pointer: before it; lower half: after it. */
export function edgeAt(pointerY: number, rect: Pick<ClientRect, 'top' | 'height'>): DropAt['edge'] {
  return pointerY < rect.top + rect.height / 2 ? 'before' : 'after'
}

interface Props<K extends RowId> {
  order: readonly K[]
  selected: ReadonlySet<K>
  nameOf: (id: K) => string
  onMove?: (ids: ReadonlySet<K>, afterId: K | null) => void
  children: ReactNode
}

const pointerOf = (event: DragMoveEvent | DragEndEvent): number => {
  const start = event.activatorEvent as MouseEvent | TouchEvent
  const first = 'touches' in start ? (start.touches[0]?.clientY ?? 0) : start.clientY
  return first + event.delta.y
}

/** Dragging a selected row drags all selected rows; any other row goes alone. */
export function RowsToDrag<K extends RowId>({ order, selected, nameOf, onMove, children }: Props<K>) {
  const { t } = useTranslation()
  const [moving, setMoving] = useState<ReadonlySet<K>>(new Set())
  const [at, setAt] = useState<DropAt | null>(null)
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 5 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 200, tolerance: 6 } }),
  )
  const stop = () => {
    setMoving(new Set())
    setAt(null)
  }
  const onDragMove = (event: DragMoveEvent) => {
    const { over } = event
    if (!over) return setAt(null)
    const edge = edgeAt(pointerOf(event), over.rect)
    setAt((before) => (before?.id === over.id && before.edge === edge ? before : { id: over.id, edge }))
  }
  const onDragEnd = () => {
    if (at && onMove) onMove(moving, at.edge === 'after' ? (at.id as K) : (order[order.indexOf(at.id as K) - 1] ?? null))
    stop()
  }
  const only = moving.size === 1 ? [...moving][0] : undefined
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      onDragStart={({ active }) => setMoving(selected.has(active.id as K) ? selected : new Set([active.id as K]))}
      onDragMove={onDragMove}
      onDragOver={onDragMove}
      onDragEnd={onDragEnd}
      onDragCancel={stop}
      accessibility={{ restoreFocus: false }}
    >
      <Context value={at}>{children}</Context>
      <DragOverlay dropAnimation={null}>
        {moving.size > 0 && (
          <div className={css.ghost}>
            <IconGripVertical size={16} />
            {only === undefined ? t('table.moving', { count: moving.size }) : clip(nameOf(only), 60)}
          </div>
        )}
      </DragOverlay>
    </DndContext>
  )
}
