/** A row of a tree as it is drawn: what is open is laid out flat. */
export interface TreeRow<T> {
  node: T
  id: string
  depth: number // 0 at the root
  state: 'leaf' | 'closed' | 'open' | 'loading'
}

export interface TreeShape<T> {
  idOf: (node: T) => string
  isFolder: (node: T) => boolean
  childrenOf: (id: string) => readonly T[] | undefined // undefined: not loaded yet
}

/** The rows of `roots` with the children of everything in `open`, in order. */
export function flatten<T>(roots: readonly T[], open: ReadonlySet<string>, shape: TreeShape<T>): TreeRow<T>[] {
  const rows: TreeRow<T>[] = []
  const stack = roots.map((node) => ({ node, depth: 0 })).reverse()
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, depth } = next
    const id = shape.idOf(node)
    if (!shape.isFolder(node)) {
      rows.push({ node, id, depth, state: 'leaf' })
      continue
    }
    const children = open.has(id) ? shape.childrenOf(id) : []
    rows.push({ node, id, depth, state: open.has(id) ? (children ? 'open' : 'loading') : 'closed' })
    for (const child of [...(children ?? [])].reverse()) stack.push({ node: child, depth: depth + 1 })
  }
  return rows
}

/** Where an arrow leads in a tree, and what it opens or closes. Source: ARIA Authoring Practices, tree view. */
export function treeKey<T>(
  rows: readonly TreeRow<T>[],
  at: number,
  key: string,
): { to?: number; open?: string; close?: string } | null {
  const row = rows[at]
  if (!row) return null
  if (key === 'ArrowDown') return { to: Math.min(rows.length - 1, at + 1) }
  if (key === 'ArrowUp') return { to: Math.max(0, at - 1) }
  if (key === 'Home') return { to: 0 }
  if (key === 'End') return { to: rows.length - 1 }
  if (key === 'ArrowRight') return row.state === 'closed' ? { open: row.id } : row.state === 'open' ? { to: at + 1 } : {}
  if (key !== 'ArrowLeft') return null
  if (row.state === 'open' || row.state === 'loading') return { close: row.id }
  const parent = rows.slice(0, at).findLastIndex((one) => one.depth < row.depth)
  return parent < 0 ? {} : { to: parent }
}
