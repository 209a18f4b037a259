/**
 * The matrix in memory: one byte per cell, and sparse notes beside it. Decoded from the server's compact answer, patched in
 * place by what the event stream says. Knows nothing of drawing.
 */
import { ABSENT, codeOf, isFailure, stateOf, worse } from './codes'

export type Counts = Readonly<Record<string, number>>

/** A row as the server writes it: what is usual is left out. */
export interface TaskAnswer {
  readonly id: string
  readonly depth?: number
  readonly parent?: string | null
  readonly label?: string | null
  readonly op?: string | null
  readonly mapped?: number | boolean
  readonly group?: number | boolean
  readonly setup?: number | boolean
  readonly teardown?: number | boolean
}

export interface GridTask {
  readonly id: string
  readonly depth: number
  readonly label: string
  readonly op: string
  readonly mapped: number | boolean
  readonly group: number | boolean
  readonly setup?: number | boolean
  readonly teardown?: number | boolean
}

export interface GridRun {
  readonly id: string
  readonly state: string
  readonly start: number | string | null
  readonly end: number | string | null
  readonly queued: number | string | null
  readonly type: string
  readonly logical: number | string | null
  readonly note?: number | boolean
  readonly conf?: number | boolean
  readonly version?: number | string | null
}

export interface GridAnswer {
  readonly rev: number
  readonly version?: number | string | null
  readonly tasks: readonly TaskAnswer[]
  readonly runs: readonly GridRun[]
  readonly st: string
  readonly try?: Readonly<Record<string, number>>
  readonly map?: Readonly<Record<string, Counts>>
  readonly note?: readonly string[]
}

/** Per run and row: seconds after the run's start, and how long. */
export interface TimesAnswer {
  readonly runs: readonly string[]
  readonly start: readonly (readonly (number | null)[])[]
  readonly dur: readonly (readonly (number | null)[])[]
}

/** What changed since a revision: all runs as they are now, and every cell of those that something happened to. */
export interface GridDelta {
  readonly rev: number
  readonly version?: number | string | null
  readonly cells: readonly (readonly [number, number, string, number])[]
  readonly runs: readonly GridRun[]
  readonly map?: Readonly<Record<string, Counts>>
}

export interface GridModel {
  rev: number
  readonly version: number | string | null
  readonly tasks: readonly GridTask[]
  runs: readonly GridRun[]
  readonly rows: number
  readonly cols: number
  /** Row-major codes of states. */
  readonly cells: Uint8Array
  readonly tries: Map<number, number>
  readonly counts: Map<number, Counts>
  readonly notes: Set<number>
  readonly durations: Map<number, number>
  readonly starts: Map<number, number>
  readonly rowOf: ReadonlyMap<string, number>
  readonly colOf: ReadonlyMap<string, number>
  /** Row after the last one below this row in the tree: the row itself + 1 for a task. */
  readonly subtreeEnd: Int32Array
  /** Row of the group around a row; -1 at the top. */
  readonly parentRow: Int32Array
  /** Goes up by one with each change in place: what a drawing compares. */
  tick: number
}

/** Seconds since the epoch of a time as the server writes it: a number of seconds, or ISO text. */
export function seconds(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return value
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : at / 1000
}

/** How long a run took; one that has not ended counts until now; null before it began. */
export function runDuration(run: GridRun, now: number): number | null {
  const start = seconds(run.start)
  if (start === null) return null
  return Math.max(0, (seconds(run.end) ?? now) - start)
}

/** The model of a server's answer. */
export function decode(answer: GridAnswer): GridModel {
  const tasks = answer.tasks.map(whole)
  const rows = answer.tasks.length
  const cols = answer.runs.length
  const cells = new Uint8Array(rows * cols).fill(ABSENT)
  const length = Math.min(cells.length, answer.st.length)
  for (let at = 0; at < length; at++) cells[at] = answer.st.charCodeAt(at)
  const { subtreeEnd, parentRow } = tree(tasks)
  return {
    rev: answer.rev,
    version: answer.version ?? null,
    tasks,
    runs: answer.runs,
    rows,
    cols,
    cells,
    tries: sparse(answer.try, cols),
    counts: sparse(answer.map, cols),
    notes: new Set((answer.note ?? []).map((key) => place(key, cols))),
    durations: new Map(),
    starts: new Map(),
    rowOf: rowsById(tasks),
    colOf: new Map(answer.runs.map((run, col) => [run.id, col])),
    subtreeEnd,
    parentRow,
    tick: 0,
  }
}

function place(key: string, cols: number): number {
  const comma = key.indexOf(',')
  return Number(key.slice(0, comma)) * cols + Number(key.slice(comma + 1))
}

function sparse<T>(values: Readonly<Record<string, T>> | undefined, cols: number): Map<number, T> {
  const found = new Map<number, T>()
  for (const key in values) found.set(place(key, cols), values[key] as T)
  return found
}

function whole(task: TaskAnswer): GridTask {
  const { id, depth = 0, label, op, mapped = 0, group = 0, setup, teardown } = task
  return {
    id,
    depth,
    label: label ?? id,
    op: op ?? '',
    mapped,
    group,
    setup,
    teardown,
  }
}

/** A group and a task may have the same name: the task is meant. */
function rowsById(tasks: readonly GridTask[]): Map<string, number> {
  const found = new Map<string, number>()
  tasks.forEach((task, row) => {
    if (!task.group || !found.has(task.id)) found.set(task.id, row)
  })
  return found
}

function tree(tasks: readonly GridTask[]): {
  subtreeEnd: Int32Array
  parentRow: Int32Array
} {
  const subtreeEnd = new Int32Array(tasks.length)
  const parentRow = new Int32Array(tasks.length).fill(-1)
  const open: number[] = []
  tasks.forEach((task, row) => {
    while (open.length > 0 && (tasks[open[open.length - 1] as number] as GridTask).depth >= task.depth) {
      subtreeEnd[open.pop() as number] = row
    }
    parentRow[row] = open[open.length - 1] ?? -1
    open.push(row)
  })
  for (const row of open) subtreeEnd[row] = tasks.length
  return { subtreeEnd, parentRow }
}

/** Code of a cell. */
export function cellCode(model: GridModel, row: number, col: number): number {
  return model.cells[row * model.cols + col] ?? ABSENT
}

export interface TaskChange {
  readonly run: string
  readonly task: string
  readonly mapIndex: number
  readonly state: string | null
  readonly tryNumber?: number | null
}

/**
 * Put a task instance's new state into the cells, and into those of the groups around it.
 * False when the model cannot know the outcome (an unknown run or task, one of a mapped task's many): ask the server.
 */
export function patch(model: GridModel, change: TaskChange): boolean {
  const row = model.rowOf.get(change.task)
  const col = model.colOf.get(change.run)
  if (row === undefined || col === undefined) return false
  if (change.mapIndex >= 0 || model.tasks[row]?.mapped) return false
  const at = row * model.cols + col
  model.cells[at] = codeOf(change.state)
  if (change.tryNumber && change.tryNumber > 1) model.tries.set(at, change.tryNumber)
  for (let group = model.parentRow[row] as number; group >= 0; group = model.parentRow[group] as number) {
    model.counts.delete(group * model.cols + col)
    model.cells[group * model.cols + col] = worstBelow(model, group, col)
  }
  model.tick++
  return true
}

function worstBelow(model: GridModel, group: number, col: number): number {
  let worst = ABSENT
  for (let row = group + 1; row < (model.subtreeEnd[group] as number); row++) {
    if (!model.tasks[row]?.group) worst = worse(cellCode(model, row, col), worst)
  }
  return worst
}

/** Put a run's new state (and times) in; false when the run is not among the columns. */
export function patchRun(model: GridModel, id: string, change: Partial<GridRun>): boolean {
  const col = model.colOf.get(id)
  if (col === undefined) return false
  model.runs = model.runs.map((run, at) => (at === col ? { ...run, ...change } : run))
  model.tick++
  return true
}

/** The model with the server's changes: columns that are known stay, new ones come; null when the rows are others. */
export function applyDelta(model: GridModel, delta: GridDelta): GridModel | null {
  if ((delta.version ?? null) !== model.version) return null
  const cols = delta.runs.length
  const next = emptied(model, delta)
  const touched = new Set(delta.cells.map((cell) => cell[1]))
  delta.runs.forEach((run, col) => {
    const from = model.colOf.get(run.id)
    if (from !== undefined && !touched.has(col)) copyColumn(model, from, next, col)
  })
  for (const [row, col, char, tryNumber] of delta.cells) {
    next.cells[row * cols + col] = char.charCodeAt(0)
    if (tryNumber > 1) next.tries.set(row * cols + col, tryNumber)
  }
  for (const key in delta.map) next.counts.set(place(key, cols), delta.map[key] as Counts)
  return next
}

function emptied(model: GridModel, delta: GridDelta): GridModel {
  const cols = delta.runs.length
  return {
    ...model,
    rev: delta.rev,
    runs: delta.runs,
    cols,
    cells: new Uint8Array(model.rows * cols).fill(ABSENT),
    tries: new Map(),
    counts: new Map(),
    notes: new Set(),
    durations: new Map(),
    starts: new Map(),
    colOf: new Map(delta.runs.map((run, col) => [run.id, col])),
    tick: model.tick + 1,
  }
}

function copyColumn(from: GridModel, fromCol: number, to: GridModel, toCol: number): void {
  for (let row = 0; row < from.rows; row++) {
    const source = row * from.cols + fromCol
    const target = row * to.cols + toCol
    to.cells[target] = from.cells[source] as number
    if (from.notes.has(source)) to.notes.add(target)
    for (const key of ['tries', 'counts', 'durations', 'starts'] as const) {
      const value = from[key].get(source)
      if (value !== undefined) (to[key] as Map<number, unknown>).set(target, value)
    }
  }
}

/** Put in when each cell started and how long it took. */
export function applyTimes(model: GridModel, times: TimesAnswer): void {
  times.runs.forEach((id, at) => {
    const col = model.colOf.get(id)
    if (col === undefined) return
    const run = model.runs[col] as GridRun
    const base = seconds(run.start) ?? seconds(run.logical) ?? 0
    for (let row = 0; row < model.rows; row++) {
      const start = times.start[at]?.[row]
      const length = times.dur[at]?.[row]
      if (start != null) model.starts.set(row * model.cols + col, base + start)
      if (length != null) model.durations.set(row * model.cols + col, length)
    }
  })
}

/** How the instances of a mapped task, or the tasks of a group, share the states; undefined for a plain task. */
export function countsAt(model: GridModel, row: number, col: number): Counts | undefined {
  const at = row * model.cols + col
  const known = model.counts.get(at)
  if (known || !model.tasks[row]?.group) return known
  const counts: Record<string, number> = {}
  for (let below = row + 1; below < (model.subtreeEnd[row] as number); below++) {
    const state = model.tasks[below]?.group ? undefined : stateOf(cellCode(model, below, col))
    if (state) counts[state] = (counts[state] ?? 0) + 1
  }
  model.counts.set(at, counts)
  return counts
}

/** How many cells (of tasks, not of groups) there are of each code. */
export function countStates(model: GridModel): Map<number, number> {
  const found = new Map<number, number>()
  for (let row = 0; row < model.rows; row++) {
    if (model.tasks[row]?.group) continue
    for (let at = row * model.cols; at < (row + 1) * model.cols; at++) {
      const code = model.cells[at] as number
      if (code !== ABSENT) found.set(code, (found.get(code) ?? 0) + 1)
    }
  }
  return found
}

/** Whether one of a row's cells is a failure. */
export function hasFailure(model: GridModel, row: number): boolean {
  return hasCode(model, row, isFailure)
}

/** Whether one of a row's cells passes a test. */
export function hasCode(model: GridModel, row: number, test: (code: number) => boolean): boolean {
  for (let at = row * model.cols; at < (row + 1) * model.cols; at++) if (test(model.cells[at] as number)) return true
  return false
}
