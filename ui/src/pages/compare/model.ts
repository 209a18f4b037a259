/** Runs beside one another: which task took how much longer. Pure. */
import type { RunFields } from '../../api/queries/drawers'
import type { Epoch } from '../../api/types'
import { duration } from '../../kit/time'

export type Cell = {
  state: string | null
  try: number
  queued: Epoch
  start: Epoch
  end: Epoch
  duration: number | null
  op: string | null
}

/** `code`: which text the DAG's file had when the run began, null when that is not kept any more. */
export type ComparedRun = RunFields & { code: string | null }

export type CompareAnswer = {
  dag_id: string
  runs: ComparedRun[]
  tasks: { id: string; map_index: number; cells: (Cell | null)[] }[]
}

export type CompareRow = {
  key: string
  id: string
  mapIndex: number
  cells: (Cell | null)[]
  /** Against the first run, of the run that differs most; null when there is nothing to compare. */
  delta: number | null
  /** The same as a share of the first run's duration. */
  share: number | null
  /** Some state is another. */
  differs: boolean
}

/** The largest difference first; rows that cannot be compared last. */
export function rowsOf(answer: CompareAnswer): CompareRow[] {
  const rows = answer.tasks.map(({ id, map_index: mapIndex, cells }) => {
    const base = cells[0]?.duration ?? null
    const deltas = cells
      .slice(1)
      .flatMap((cell) => (base === null || cell?.duration == null ? [] : [cell.duration - base]))
    const delta = deltas.reduce<number | null>(
      (most, one) => (most === null || Math.abs(one) > Math.abs(most) ? one : most),
      null,
    )
    return {
      key: `${id} ${mapIndex}`,
      id,
      mapIndex,
      cells,
      delta,
      share: delta === null || base === null || base === 0 ? null : delta / base,
      differs: new Set(cells.map((cell) => cell?.state ?? null)).size > 1,
    }
  })
  const size = (row: CompareRow) => (row.delta === null ? -1 : Math.abs(row.delta))
  return rows.sort((a, b) => size(b) - size(a))
}

/** How long a run took in seconds; null while it goes on. */
export function lengthOf(run: RunFields): number | null {
  return run.start === null || run.end === null ? null : run.end - run.start
}

export type Bar = { from: number; width: number; waited: number }

/** A task's bar as shares of the longest run, each run laid to begin at 0. */
export function barOf(cell: Cell | null, run: RunFields | undefined, longest: number): Bar | null {
  if (cell === null || cell.start === null || run?.start == null || longest <= 0) return null
  const share = (seconds: number) => Math.min(1, Math.max(0, seconds / longest))
  const from = share(cell.start - run.start)
  const end = cell.end ?? run.end ?? cell.start
  const waited = cell.queued === null ? 0 : share(cell.start - Math.max(cell.queued, run.start))
  return { from, width: Math.max(0.004, share(end - run.start) - from), waited: Math.min(waited, from) }
}

/** "+3m 20s": a difference in seconds. */
export function signed(seconds: number): string {
  if (Math.abs(seconds) < 0.05) return '±0'
  return `${seconds > 0 ? '+' : '−'}${duration(Math.abs(seconds))}`
}

/** Of all runs from their start on. */
export function longestOf(answer: CompareAnswer): number {
  const ends = answer.tasks.flatMap(({ cells }) =>
    cells.map((cell, index) => (cell?.end ?? 0) - (answer.runs[index]?.start ?? Number.POSITIVE_INFINITY)),
  )
  return Math.max(0, ...ends, ...answer.runs.map((run) => lengthOf(run) ?? 0))
}

export const LETTERS = ['a', 'b', 'c', 'd', 'e'] as const

/** The runs that the URL names. */
export function chosen(params: URLSearchParams): string[] {
  return LETTERS.map((letter) => params.get(letter) ?? '').filter((run) => run !== '')
}

/** The forms of the code: the file's text, or what was parsed of it. */
export type CodeForm = 'source' | 'spec'

/** The forms in which two runs' code differs, as far as it is known; the text first. */
export function changedForms(a: Pick<ComparedRun, 'version' | 'code'>, b: Pick<ComparedRun, 'version' | 'code'>) {
  const forms: CodeForm[] = []
  if (a.code !== null && b.code !== null && a.code !== b.code) forms.push('source')
  if (a.version !== null && b.version !== null && a.version !== b.version) forms.push('spec')
  return forms
}
