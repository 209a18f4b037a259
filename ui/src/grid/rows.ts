/** Which rows of the matrix are on show: closed groups, and the filters by text, by failure, by state, by neighbourhood. */
import { type GridModel, hasCode, hasFailure } from './model'

export interface RowFilter {
  readonly text: string
  readonly failedOnly: boolean
  /** Rows that have this code somewhere; null: any. */
  readonly code: number | null
  /** Ids of the tasks to show; null: all. */
  readonly only: ReadonlySet<string> | null
}

export const NO_FILTER: RowFilter = {
  text: '',
  failedOnly: false,
  code: null,
  only: null,
}

/** Whether the filter hides anything. */
export function isFiltering(filter: RowFilter): boolean {
  return filter.text.trim() !== '' || filter.failedOnly || filter.code !== null || filter.only !== null
}

/** The rows on show, from top to bottom, as rows of the model. */
export function visibleRows(model: GridModel, closed: ReadonlySet<string>, filter: RowFilter): Int32Array {
  return isFiltering(filter) ? filtered(model, closed, filter) : folded(model, closed, null)
}

function folded(model: GridModel, closed: ReadonlySet<string>, shown: Uint8Array | null): Int32Array {
  const found = new Int32Array(model.rows)
  let count = 0
  let row = 0
  while (row < model.rows) {
    const task = model.tasks[row]
    const isShown = !shown || shown[row] === 1
    if (isShown) found[count++] = row
    // What a filter found below a closed group would be hidden again by folding: with a filter, groups open.
    row = !shown && task?.group && closed.has(task.id) ? (model.subtreeEnd[row] as number) : row + 1
  }
  return found.slice(0, count)
}

function filtered(model: GridModel, closed: ReadonlySet<string>, filter: RowFilter): Int32Array {
  const shown = new Uint8Array(model.rows)
  const words = filter.text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  for (let row = 0; row < model.rows; row++) {
    if (shown[row] !== 1 && !matches(model, row, words, filter)) continue
    for (let up = row; up >= 0 && shown[up] !== 1; up = model.parentRow[up] as number) shown[up] = 1
  }
  return folded(model, closed, shown)
}

function matches(model: GridModel, row: number, words: readonly string[], filter: RowFilter): boolean {
  const task = model.tasks[row]
  if (!task || task.group) return false
  if (filter.only && !filter.only.has(task.id)) return false
  const name = `${task.id} ${task.label} ${task.op}`.toLowerCase()
  if (!words.every((word) => name.includes(word))) return false
  if (filter.failedOnly && !hasFailure(model, row)) return false
  return filter.code === null || hasCode(model, row, (code) => code === filter.code)
}

/** Tasks before and after one, over edges: the task itself is among them. */
export function neighbourhood(
  task: string,
  edges: readonly (readonly [string, string, ...unknown[]])[],
  direction: 'up' | 'down' | 'both',
): Set<string> {
  const found = new Set([task])
  if (direction !== 'down') spread(found, task, index(edges, 1, 0))
  if (direction !== 'up') spread(found, task, index(edges, 0, 1))
  return found
}

function index(
  edges: readonly (readonly [string, string, ...unknown[]])[],
  from: 0 | 1,
  to: 0 | 1,
): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const edge of edges) {
    const list = found.get(edge[from])
    if (list) list.push(edge[to])
    else found.set(edge[from], [edge[to]])
  }
  return found
}

function spread(found: Set<string>, task: string, next: ReadonlyMap<string, readonly string[]>): void {
  const seen = new Set([task])
  const waiting = [task]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const other of next.get(one) ?? []) {
      found.add(other)
      if (!seen.has(other)) waiting.push(other)
      seen.add(other)
    }
  }
}
