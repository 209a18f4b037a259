/** What is selected in the matrix: spots by key, so that filters and folding move the rows without losing them. */
import { HEAD, type Spot } from './layout'

/** Keys are `task run`; a run's head has an empty task. Neither id may hold the separator. */
const SEPARATOR = '\u0000'

export interface Selected {
  readonly task: string
  readonly run: string
}

export type Selection = ReadonlySet<string>

export const NOTHING: Selection = new Set()

/** Names of rows and columns on show, to go from spots to keys. */
export interface Names {
  readonly rows: number
  readonly cols: number
  task(row: number): string
  run(col: number): string
}

export function keyOf(names: Names, spot: Spot): string {
  return `${spot.row === HEAD ? '' : names.task(spot.row)}${SEPARATOR}${names.run(spot.col)}`
}

/** One more, or one less. */
export function toggle(selection: Selection, names: Names, spot: Spot): Selection {
  const key = keyOf(names, spot)
  const next = new Set(selection)
  if (!next.delete(key)) next.add(key)
  return next
}

/** Everything in the rectangle between two spots; heads and cells do not mix. */
export function rectangle(names: Names, from: Spot, to: Spot): Selection {
  const found = new Set<string>()
  const isHead = from.row === HEAD
  const top = isHead ? HEAD : Math.max(0, Math.min(from.row, to.row))
  const bottom = isHead ? HEAD : Math.max(from.row, to.row)
  const left = Math.max(0, Math.min(from.col, to.col))
  for (let row = top; row <= bottom; row++) {
    for (let col = left; col <= Math.max(from.col, to.col); col++) found.add(keyOf(names, { row, col }))
  }
  return found
}

/** Two selections together. */
export function join(one: Selection, other: Selection): Selection {
  return new Set([...one, ...other])
}

/** The selected cells of tasks. */
export function selectedCells(selection: Selection): Selected[] {
  return all(selection).filter((one) => one.task !== '')
}

/** The runs whose heads are selected. */
export function selectedRuns(selection: Selection): string[] {
  return all(selection)
    .filter((one) => one.task === '')
    .map((one) => one.run)
}

function all(selection: Selection): Selected[] {
  return Array.from(selection, (key) => {
    const at = key.indexOf(SEPARATOR)
    return { task: key.slice(0, at), run: key.slice(at + 1) }
  })
}
