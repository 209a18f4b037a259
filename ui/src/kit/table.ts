/** The pure side of tables: order, selection, column widths, CSV. */
import type { ReactNode } from 'react'

export type Column<Row> = {
  id: string
  head: string
  cell: (row: Row) => ReactNode
  /** Gives what to order by; `true`: the server orders (with `onSort` of the table). */
  sort?: true | ((row: Row) => string | number | null | undefined)
  /** First click orders downwards: times, counts. */
  descFirst?: boolean
  /** In px; the rest of the width goes to columns with `grow`. */
  width?: number
  min?: number
  grow?: number
  align?: 'end' | 'center'
  /** Not shown until it is chosen. */
  hidden?: boolean
  /** Cannot be hidden. */
  fixed?: boolean
  /** What the CSV has; without, the text of `sort`. */
  csv?: (row: Row) => string | number | null | undefined
  /** The head's tooltip. */
  title?: string
  /** The head has no words to show (icons, switches), only to say. */
  quietHead?: boolean
}

export type Sort = { id: string; desc: boolean }

/** What is selected: some keys, or all that match the filter (`all`), less those in `keys`. */
export type Selection = { all: boolean; keys: ReadonlySet<string> }

export const NOTHING: Selection = { all: false, keys: new Set() }

/** Whether a row is selected. */
export function isSelected(selection: Selection, key: string): boolean {
  return selection.all !== selection.keys.has(key)
}

/** How many are selected, of a total that match. */
export function selectedCount(selection: Selection, total: number): number {
  return selection.all ? Math.max(0, total - selection.keys.size) : selection.keys.size
}

/** Some rows selected or not, as with shift and a click. */
export function withRows(selection: Selection, keys: readonly string[], selected: boolean): Selection {
  const next = new Set(selection.keys)
  for (const key of keys) {
    if (selected !== selection.all) next.add(key)
    else next.delete(key)
  }
  return { all: selection.all, keys: next }
}

/** From one row to another, both with, in either direction. */
export function rangeOf(keys: readonly string[], from: string | null, to: string): readonly string[] {
  const a = from === null ? -1 : keys.indexOf(from)
  const b = keys.indexOf(to)
  if (a < 0 || b < 0) return [to]
  return keys.slice(Math.min(a, b), Math.max(a, b) + 1)
}

const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** The rows in order; nothing goes last either way. The input is left as it is. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | null): readonly Row[] {
  const by = columns.find((column) => column.id === sort?.id)?.sort
  if (!sort || typeof by !== 'function') return rows
  const sign = sort.desc ? -1 : 1
  const keyed = rows.map((row) => ({ row, key: by(row) }))
  keyed.sort((a, b) => {
    const noA = a.key === null || a.key === undefined || a.key === ''
    const noB = b.key === null || b.key === undefined || b.key === ''
    if (noA || noB) return noA === noB ? 0 : noA ? 1 : -1
    if (typeof a.key === 'number' && typeof b.key === 'number') return sign * (a.key - b.key)
    return sign * words.compare(String(a.key), String(b.key))
  })
  return keyed.map((one) => one.row)
}

/** The next order when a head is clicked: its first way, then the other, then none. */
export function nextSort<Row>(column: Column<Row>, sort: Sort | null): Sort | null {
  const first = column.descFirst ?? false
  if (sort?.id !== column.id) return { id: column.id, desc: first }
  return sort.desc === first ? { id: column.id, desc: !first } : null
}

/** "id", "-id": how an order is written in a URL, and to the REST API. */
export function sortText(sort: Sort | null): string {
  return sort ? `${sort.desc ? '-' : ''}${sort.id}` : ''
}

/** The order that a URL names. */
export function sortFrom(text: string): Sort | null {
  return text ? { id: text.replace(/^-/, ''), desc: text.startsWith('-') } : null
}

/** Rows as CSV; text that a spreadsheet would run as a formula is quoted by an apostrophe. */
export function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const used = columns.filter((column) => column.csv || typeof column.sort === 'function')
  const lines = rows.map((row) =>
    used.map((column) => field((column.csv ?? (column.sort as (row: Row) => string | number | null))(row))).join(','),
  )
  return [used.map((column) => field(column.head)).join(','), ...lines].join('\r\n')
}

function field(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** grid-template-columns of the shown columns. */
export function template<Row>(
  columns: readonly Column<Row>[],
  widths: Readonly<Record<string, number>>,
  hasCheck: boolean,
): string {
  const parts = columns.map((column) => {
    const own = widths[column.id]
    if (own) return `${own}px`
    const width = column.width ?? 140
    return column.grow ? `minmax(${column.min ?? Math.min(width, 120)}px, ${column.grow}fr)` : `${width}px`
  })
  // Without a growing column the last one takes what is left, so that lines reach the edge.
  if (parts.length && !parts.some((part) => part.includes('fr'))) parts.push('minmax(0, 1fr)')
  return `${hasCheck ? '36px ' : ''}${parts.join(' ')}`
}

/** The least width of all shown columns, for scrolling sideways instead of squeezing. */
export function leastWidth<Row>(
  columns: readonly Column<Row>[],
  widths: Readonly<Record<string, number>>,
  hasCheck: boolean,
): number {
  const one = (column: Column<Row>) =>
    widths[column.id] ?? (column.grow ? (column.min ?? Math.min(column.width ?? 140, 120)) : (column.width ?? 140))
  return columns.reduce((sum, column) => sum + one(column), hasCheck ? 36 : 0)
}

export type Line<Row> = { kind: 'row'; row: Row; key: string } | { kind: 'group'; group: string; rows: readonly Row[] }

/** The rows, under the headings of their groups; closed groups are only their heading. */
export function linesOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  groupOf: ((row: Row) => string) | undefined,
  closed: ReadonlySet<string>,
): Line<Row>[] {
  const lineOf = (row: Row): Line<Row> => ({ kind: 'row', row, key: keyOf(row) })
  if (!groupOf) return rows.map(lineOf)
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = groupOf(row)
    const list = groups.get(name)
    if (list) list.push(row)
    else groups.set(name, [row])
  }
  return [...groups].flatMap(([group, list]) => [
    { kind: 'group' as const, group, rows: list },
    ...(closed.has(group) ? [] : list.map(lineOf)),
  ])
}
