/** The runs of all DAGs over time: lanes, filtered, grouped and ordered; and what lies under a point. */
import { seconds } from '../grid/model'

type Moment = number | string | null

export interface TimelineLane {
  readonly dag_id: string
  readonly tags: readonly string[]
  readonly paused: boolean | number
  /** Id, state, start, end. */
  readonly runs: readonly (readonly [string, string, Moment, Moment])[]
  readonly planned: readonly number[]
}

export interface TimelineAnswer {
  readonly lanes: readonly TimelineLane[]
}

export interface LaneRun {
  readonly id: string
  readonly state: string
  readonly from: number
  readonly to: number
  /** Line within the lane: runs that overlap lie below each other. */
  readonly line: number
}

export interface Lane {
  readonly kind: 'lane'
  readonly dagId: string
  readonly isPaused: boolean
  readonly runs: readonly LaneRun[]
  readonly planned: readonly number[]
  readonly lines: number
  readonly failed: number
}

export interface LaneHead {
  readonly kind: 'head'
  readonly label: string
  readonly count: number
}

export interface LaneOptions {
  readonly text: string
  readonly redFirst: boolean
  readonly byTag: boolean
}

const MOST_LINES = 4

/** A lane with its runs laid on lines so that none hides another (up to a few lines). */
export function toLane(lane: TimelineLane, now: number): Lane {
  const ends: number[] = []
  const runs = lane.runs
    .map(([id, state, start, end]) => {
      const from = seconds(start) ?? now
      return { id, state, from, to: Math.max(from, seconds(end) ?? now) }
    })
    .sort((a, b) => a.from - b.from)
    .map((run) => {
      let line = ends.findIndex((end) => end <= run.from)
      if (line < 0) line = ends.length < MOST_LINES ? ends.length : MOST_LINES - 1
      ends[line] = Math.max(ends[line] ?? 0, run.to)
      return { ...run, line }
    })
  return {
    kind: 'lane',
    dagId: lane.dag_id,
    isPaused: Boolean(lane.paused),
    runs,
    planned: lane.planned,
    lines: Math.max(1, ends.length),
    failed: runs.filter((run) => run.state === 'failed').length,
  }
}

/** The lanes to show, in order, with heads between them when they are grouped. */
export function arrange(answer: TimelineAnswer, options: LaneOptions, now: number): (Lane | LaneHead)[] {
  const words = options.text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const wanted = answer.lanes.filter((lane) => {
    // Of a thousand DAGs most are silent in a span: only those with something to see.
    if (lane.runs.length === 0 && lane.planned.length === 0) return false
    const name = `${lane.dag_id} ${lane.tags.join(' ')}`.toLowerCase()
    return words.every((word) => name.includes(word))
  })
  if (!options.byTag) return sorted(wanted, options, now)
  const groups = new Map<string, TimelineLane[]>()
  for (const lane of wanted) {
    for (const tag of lane.tags.length > 0 ? lane.tags : ['']) groups.set(tag, [...(groups.get(tag) ?? []), lane])
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)))
    .flatMap(([tag, some]) => [
      { kind: 'head' as const, label: tag || 'No tag', count: some.length },
      ...sorted(some, options, now),
    ])
}

function sorted(some: readonly TimelineLane[], options: LaneOptions, now: number): Lane[] {
  const found = some.map((lane) => toLane(lane, now))
  return found.sort((a, b) => (options.redFirst ? b.failed - a.failed : 0) || a.dagId.localeCompare(b.dagId))
}

export const LINE = 12
export const HEAD_HEIGHT = 24

/** Top edge of each row, and of the end. */
export function tops(rows: readonly (Lane | LaneHead)[], least: number): number[] {
  let at = 0
  const found = [0]
  for (const row of rows) {
    at += row.kind === 'head' ? HEAD_HEIGHT : Math.max(least, row.lines * LINE + 8)
    found.push(at)
  }
  return found
}

/** The row at a height, by halving. */
export function rowAt(edges: readonly number[], y: number): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle + 1] ?? Number.POSITIVE_INFINITY) <= y) low = middle + 1
    else high = middle
  }
  return low
}
