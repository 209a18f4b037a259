/** Lines → rows on the screen: levels, sources, a filter, and folds that are open or closed. */
import type { Fold } from './folds'
import { type Level, type LogLine, messageOf, rank } from './lines'

export interface RowFilter {
  /** Lines below it hide. */
  level: Level
  /** Empty: all. */
  sources: ReadonlySet<string>
  /** Only lines that match; null: all. */
  only: RegExp | null
  /** While something is searched: what matches must not be in a closed fold. */
  unfold?: boolean
}

export const NO_FILTER: RowFilter = { level: 'debug', sources: new Set(), only: null }

export interface Row {
  /** Index into the lines. */
  line: number
  depth: number
  /** The fold that begins here. */
  fold: Fold | null
  open: boolean
}

export function isFiltering(filter: RowFilter): boolean {
  return filter.level !== 'debug' || filter.sources.size > 0 || filter.only !== null
}

/** `flipped` holds the keys of folds that the reader turned against their first state. While filtering, folds are open:
 * what matches must be seen. */
export function layOut(
  lines: readonly LogLine[],
  folds: readonly Fold[],
  filter: RowFilter,
  flipped: ReadonlySet<number>,
): Row[] {
  const filtering = isFiltering(filter) || filter.unfold === true
  const byStart = new Map<number, Fold>()
  for (const fold of folds) byStart.set(fold.start, fold)
  const rows: Row[] = []
  const inside: Fold[] = []
  let at = 0
  while (at < lines.length) {
    while (inside.length > 0 && (inside[inside.length - 1] as Fold).end < at) inside.pop()
    const line = lines[at] as LogLine
    const fold = byStart.get(at) ?? null
    const open = fold === null || filtering || isOpen(fold, flipped)
    if (line.kind !== 'endgroup' && passes(line, filter)) rows.push({ line: at, depth: depthOf(inside), fold, open })
    if (fold !== null) inside.push(fold)
    at = open || fold === null ? at + 1 : fold.end + 1
  }
  return rows
}

export function isOpen(fold: Fold, flipped: ReadonlySet<number>): boolean {
  return fold.openAtFirst !== flipped.has(fold.key)
}

/** Frames of a traceback are indented already. */
function depthOf(inside: readonly Fold[]): number {
  return inside.reduce((depth, fold) => depth + (fold.kind === 'group' ? 1 : 0), 0)
}

function passes(line: LogLine, filter: RowFilter): boolean {
  if (rank(line.level) < rank(filter.level)) return false
  if (filter.sources.size > 0 && !filter.sources.has(line.source)) return false
  return filter.only === null || filter.only.test(messageOf(line))
}

/** The row that shows a line, or the fold that hides it; -1 when it is filtered away. */
export function rowOfLine(rows: readonly Row[], line: number): number {
  let low = 0
  let high = rows.length - 1
  let found = -1
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as Row).line <= line) {
      found = middle
      low = middle + 1
    } else high = middle - 1
  }
  return found
}

export function sourcesOf(lines: readonly LogLine[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const line of lines) {
    if (line.head && line.source !== '') counts.set(line.source, (counts.get(line.source) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}
