import { IconChevronRight, IconFile, IconFolder, IconFolderOpen } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import css from './tree.module.css'
import { flatten, type TreeShape, treeKey } from './treeRows'

const ROW_PX = 40

interface Props<T> extends TreeShape<T> {
  label: string
  roots: readonly T[]
  nameOf: (node: T) => string
  /** Asks for the children of a folder that was opened; `childrenOf` has them later. */
  load: (id: string) => void
  chosen?: string
  onChoose: (node: T) => void // Enter, or a click
  detail?: (node: T) => ReactNode // at the end of the line: size, date, buttons
}

/** A tree of any size: children are asked for when their folder opens, only the lines on the screen exist. */
export function Tree<T>({ label, roots, nameOf, load, chosen, onChoose, detail, ...shape }: Props<T>) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [at, setAt] = useState(0)
  const rows = flatten(roots, open, shape)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const show = (folder: string) => {
    setOpen(new Set([...open, folder]))
    load(folder)
  }
  const hide = (folder: string) => setOpen(new Set([...open].filter((one) => one !== folder)))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return
    const row = rows[at]
    if (event.key === 'Enter' && row) onChoose(row.node)
    else {
      const next = treeKey(rows, at, event.key)
      if (!next) return
      if (next.open) show(next.open)
      if (next.close) hide(next.close)
      if (next.to !== undefined) {
        setAt(next.to)
        list.scrollToIndex(next.to)
      }
    }
    event.preventDefault()
  }
  const items = list.getVirtualItems()
  return (
    <div
      ref={box}
      className={css.tree}
      role="tree"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      aria-activedescendant={items.some((item) => item.index === at) ? `${id}-${at}` : undefined}
    >
      <div role="presentation" style={{ position: 'relative', height: list.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]
          if (!row) return null
          const isOpen = row.state === 'open' || row.state === 'loading'
          const Picture = row.state === 'leaf' ? IconFile : isOpen ? IconFolderOpen : IconFolder
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
            <div
              key={row.id}
              id={`${id}-${item.index}`}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-expanded={row.state === 'leaf' ? undefined : isOpen}
              aria-selected={row.id === chosen}
              aria-busy={row.state === 'loading' || undefined}
              className={css.row}
              data-active={item.index === at}
              style={{ top: item.start, paddingInlineStart: `${0.5 + row.depth * 1.25}rem` }}
              onClick={() => {
                setAt(item.index)
                if (row.state === 'leaf') onChoose(row.node)
                else if (isOpen) hide(row.id)
                else show(row.id)
              }}
            >
              <IconChevronRight size={15} className={css.twist} data-state={row.state} aria-hidden />
              <Picture size={18} stroke={1.6} aria-hidden />
              <span className={css.name}>{nameOf(row.node)}</span>
              {detail?.(row.node)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
