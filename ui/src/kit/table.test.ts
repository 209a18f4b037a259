import { describe, expect, it } from 'vitest'
import {
  type Column,
  csvOf,
  isSelected,
  linesOf,
  NOTHING,
  nextSort,
  rangeOf,
  selectedCount,
  sorted,
  sortFrom,
  sortText,
  template,
  withRows,
} from './table'

type Row = { id: string; n: number | null }
const columns: Column<Row>[] = [
  { id: 'id', head: 'Name', cell: (row) => row.id, sort: (row) => row.id, grow: 1 },
  { id: 'n', head: 'Tries', cell: (row) => row.n, sort: (row) => row.n, width: 80, descFirst: true },
]
const rows: Row[] = [
  { id: 'b10', n: 1 },
  { id: 'b9', n: null },
  { id: 'a', n: 30 },
]

describe('order', () => {
  it('reads numbers in names as numbers', () => {
    expect(sorted(rows, columns, { id: 'id', desc: false }).map((row) => row.id)).toEqual(['a', 'b9', 'b10'])
  })
  it('puts nothing last either way', () => {
    expect(sorted(rows, columns, { id: 'n', desc: false }).map((row) => row.n)).toEqual([1, 30, null])
    expect(sorted(rows, columns, { id: 'n', desc: true }).map((row) => row.n)).toEqual([30, 1, null])
  })
  it('goes round: first way, other way, none', () => {
    const tries = columns[1] as Column<Row>
    const first = nextSort(tries, null)
    expect(first).toEqual({ id: 'n', desc: true })
    expect(nextSort(tries, first)).toEqual({ id: 'n', desc: false })
    expect(nextSort(tries, { id: 'n', desc: false })).toBeNull()
  })
  it('is written as the REST API has it', () => {
    expect(sortText({ id: 'start_date', desc: true })).toBe('-start_date')
    expect(sortFrom('-start_date')).toEqual({ id: 'start_date', desc: true })
    expect(sortFrom('')).toBeNull()
  })
})

describe('selection', () => {
  it('is some rows, or all that match but some', () => {
    const some = withRows(NOTHING, ['a', 'b'], true)
    expect(isSelected(some, 'a')).toBe(true)
    expect(selectedCount(some, 100)).toBe(2)
    const most = withRows({ all: true, keys: new Set() }, ['a'], false)
    expect(isSelected(most, 'a')).toBe(false)
    expect(isSelected(most, 'z')).toBe(true)
    expect(selectedCount(most, 100)).toBe(99)
  })
  it('reaches from one row to another in both directions', () => {
    const keys = ['a', 'b', 'c', 'd']
    expect(rangeOf(keys, 'b', 'd')).toEqual(['b', 'c', 'd'])
    expect(rangeOf(keys, 'd', 'b')).toEqual(['b', 'c', 'd'])
    expect(rangeOf(keys, 'gone', 'c')).toEqual(['c'])
  })
})

describe('CSV', () => {
  it('quotes what must be, and disarms formulas', () => {
    expect(
      csvOf(
        [
          { id: 'say "hi", you', n: 1 },
          { id: '=SUM(A1)', n: null },
        ],
        columns,
      ),
    ).toBe('Name,Tries\r\n"say ""hi"", you",1\r\n\'=SUM(A1),')
  })
})

describe('widths', () => {
  it('let one column grow, or fill up after the last', () => {
    expect(template(columns, {}, true)).toBe('36px minmax(120px, 1fr) 80px')
    expect(template(columns, { id: 200 }, false)).toBe('200px 80px minmax(0, 1fr)')
  })
})

describe('groups', () => {
  it('have their rows under them until they are closed', () => {
    const of = (row: Row) => row.id.charAt(0)
    const shape = (closed: string[]) =>
      linesOf(rows, (row) => row.id, of, new Set(closed)).map((line) => (line.kind === 'row' ? line.key : line.group))
    expect(shape([])).toEqual(['b', 'b10', 'b9', 'a', 'a'])
    expect(shape(['b'])).toEqual(['b', 'a', 'a'])
  })
})
