/** Where the keyboard is in a table: a row of `rows`, a column of `columns`. */
export interface Cell {
  row: number
  column: number
}

interface Size {
  rows: number
  columns: number
  page: number // rows on the screen
}

const within = (value: number, most: number) => Math.min(Math.max(0, value), Math.max(0, most - 1))

/** The cell that a key leads to; null for keys that do not move. */
export function moveCell(cell: Cell, key: string, size: Size): Cell | null {
  const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-size.page, 0],
    PageDown: [size.page, 0],
    Home: [-size.rows, 0],
    End: [size.rows, 0],
  }
  const step = steps[key]
  if (!step) return null
  return { row: within(cell.row + step[0], size.rows), column: within(cell.column + step[1], size.columns) }
}

/** The next cell that can be edited, row after row, as Tab goes in a spreadsheet; null behind the last. */
export function nextEditable(cell: Cell, editable: readonly boolean[], rows: number, back: boolean): Cell | null {
  const width = editable.length
  if (!editable.includes(true)) return null
  for (let at = cell.row * width + cell.column + (back ? -1 : 1); at >= 0 && at < rows * width; at += back ? -1 : 1)
    if (editable[at % width]) return { row: Math.floor(at / width), column: at % width }
  return null
}
