/** Words for a place in the matrix: for the screen reader's cell, for the tooltip, for the table. */
import { ABSENT, stateOf } from './codes'
import { HEAD, type Spot } from './layout'
import { type Counts, cellCode, countsAt, type GridModel, type GridRun, runDuration } from './model'

/** How things are written; the page gives its own (time zone, language). */
export interface Words {
  time(at: number | string | null): string
  duration(seconds: number | null): string
  state(state: string): string
}

export interface Description {
  readonly title: string
  readonly state: string | null
  /** Pairs of a name and a value. */
  readonly facts: readonly (readonly [string, string])[]
}

/** When a run is of: its logical date, else when it began to wait. */
export function runMoment(run: GridRun): number | string | null {
  return run.logical ?? run.queued ?? run.start
}

/** What is at a spot of the model (its rows, not the visible ones); null where nothing is. */
export function describe(model: GridModel, spot: Spot, words: Words, now: number): Description | null {
  if (spot.col === HEAD) return describeTask(model, spot.row)
  if (spot.row === HEAD) return describeRun(model, spot.col, words, now)
  return describeCell(model, spot, words, now)
}

function describeTask(model: GridModel, row: number): Description | null {
  const task = model.tasks[row]
  if (!task) return null
  const facts: [string, string][] = []
  if (task.label !== task.id) facts.push(['Id', task.id])
  if (task.group) facts.push(['Group of', `${(model.subtreeEnd[row] as number) - row - 1} rows`])
  else facts.push(['Operator', task.op])
  if (task.mapped) facts.push(['Mapped', 'yes'])
  if (task.setup) facts.push(['Role', 'setup'])
  if (task.teardown) facts.push(['Role', 'teardown'])
  return { title: task.label, state: null, facts }
}

function describeRun(model: GridModel, col: number, words: Words, now: number): Description | null {
  const run = model.runs[col]
  if (!run) return null
  const facts: [string, string][] = [
    ['Run', words.time(runMoment(run))],
    ['Type', run.type.replace('_', ' ')],
    ['Started', words.time(run.start)],
    ['Duration', words.duration(runDuration(run, now))],
  ]
  if (run.version !== null && run.version !== undefined) facts.push(['Version', String(run.version)])
  if (run.note) facts.push(['Note', 'yes'])
  return { title: run.id, state: run.state, facts }
}

function describeCell(model: GridModel, spot: Spot, words: Words, now: number): Description | null {
  const task = model.tasks[spot.row]
  const run = model.runs[spot.col]
  if (!task || !run) return null
  const at = spot.row * model.cols + spot.col
  const code = cellCode(model, spot.row, spot.col)
  const facts: [string, string][] = [['Run', words.time(runMoment(run))]]
  const tries = model.tries.get(at)
  if (tries) facts.push(['Try', String(tries)])
  const start = model.starts.get(at)
  if (start !== undefined) facts.push(['Started', words.time(start)])
  const duration = model.durations.get(at) ?? (start !== undefined && code === 114 ? now - start : undefined)
  if (duration !== undefined) facts.push(['Duration', words.duration(duration)])
  const counts = countsAt(model, spot.row, spot.col)
  if (counts) facts.push([task.group ? 'Tasks' : 'Instances', countText(counts, words)])
  if (model.notes.has(at)) facts.push(['Note', 'yes'])
  return {
    title: task.label,
    state: code === ABSENT ? null : (stateOf(code) ?? null),
    facts,
  }
}

function countText(counts: Counts, words: Words): string {
  return Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .map(([state, count]) => `${count} ${words.state(state)}`)
    .join(', ')
}

/** One sentence for the screen reader: task, run, state first. */
export function sentence(found: Description | null, spot: Spot, words: Words): string {
  if (!found) return 'Nothing here'
  const state = found.state ? words.state(found.state) : null
  const facts = found.facts.map(([name, value]) => `${name.toLowerCase()} ${value}`)
  const isCell = spot.row !== HEAD && spot.col !== HEAD
  return [found.title, ...facts.slice(0, 1), state ?? (isCell ? 'not in this run' : null), ...facts.slice(1)]
    .filter((part) => part !== null)
    .join(', ')
}
