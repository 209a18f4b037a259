/** Which DAGs the list shows, and under which headings: pure, for any number of rows. */
import type { DagRow } from '../../api/queries/dags'

export const FILTER = {
  q: '',
  show: 'all',
  state: [] as readonly string[],
  tag: [] as readonly string[],
  owner: [] as readonly string[],
  starred: false,
  errors: false,
  group: '',
  sort: '',
}

export type DagFilter = {
  q: string
  show: string
  state: readonly string[]
  tag: readonly string[]
  owner: readonly string[]
  starred: boolean
  errors: boolean
}

/** The rows that match. Words of `q` must all be found, in the id, the name, a tag, an owner or the file. */
export function matching(rows: readonly DagRow[], filter: DagFilter): DagRow[] {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (filter.show === 'active' && row.paused) return false
    if (filter.show === 'paused' && !row.paused) return false
    if (filter.starred && !row.starred) return false
    if (filter.errors && !row.import_error) return false
    if (filter.state.length && !filter.state.includes(row.last?.state ?? 'none')) return false
    if (filter.tag.length && !filter.tag.every((tag) => row.tags.includes(tag))) return false
    if (filter.owner.length && !filter.owner.some((owner) => row.owners.includes(owner))) return false
    return words.every((word) => textOf(row).includes(word))
  })
}

const texts = new WeakMap<DagRow, string>()

function textOf(row: DagRow): string {
  let text = texts.get(row)
  if (text === undefined) {
    text = [row.id, row.name ?? '', ...row.tags, ...row.owners, row.file].join('\n').toLowerCase()
    texts.set(row, text)
  }
  return text
}

/** Whether anything is filtered. */
export function isFiltered(filter: DagFilter): boolean {
  const { q, show, state, tag, owner, starred, errors } = filter
  return !!(q || show !== 'all' || state.length || tag.length || owner.length || starred || errors)
}

/** How often each value comes, most first. */
export function counted(rows: readonly DagRow[], valuesOf: (row: DagRow) => readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const row of rows) for (const value of valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
}

/** The heading that a row is under. */
export function groupOf(row: DagRow, by: string): string {
  if (by === 'tag') return row.tags[0] ?? ''
  if (by === 'owner') return row.owners[0] ?? ''
  return row.folder
}

/** Last states of some rows, counted. */
export function statesOf(rows: readonly DagRow[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) if (row.last) counts[row.last.state] = (counts[row.last.state] ?? 0) + 1
  return counts
}
