/** One run as bars over time: a row per task, parts for waiting and running, tries, and the path that made it take so long. */
import { seconds } from '../grid/model'

type Moment = number | string | null | undefined

export interface GanttTry {
  readonly try: number
  readonly state: string | null
  readonly queued?: Moment
  readonly start: Moment
  readonly end: Moment
}

export interface GanttRow {
  readonly id: string
  readonly map_index: number
  readonly try: number
  readonly state: string | null
  readonly scheduled?: Moment
  readonly queued: Moment
  readonly start: Moment
  readonly end: Moment
  readonly tries?: readonly GanttTry[]
}

export interface GanttAnswer {
  readonly rows: readonly GanttRow[]
}

export interface Part {
  readonly kind: 'scheduled' | 'queued' | 'run'
  readonly from: number
  readonly to: number
  readonly state: string
  readonly tryNumber: number
  /** Still going on: the end is now. */
  readonly isOpen: boolean
}

export interface GanttLane {
  readonly id: string
  readonly label: string
  readonly depth: number
  readonly isGroup: boolean
  readonly state: string | null
  readonly instances: number
  readonly parts: readonly Part[]
  readonly from: number | null
  readonly to: number | null
}

/** The parts of one task instance, oldest try first. */
export function partsOf(row: GanttRow, now: number): Part[] {
  const earlier = (row.tries ?? []).filter((one) => one.try !== row.try)
  return [...earlier, { ...row, state: row.state }].flatMap((attempt) => attemptParts(attempt, now))
}

function attemptParts(attempt: GanttTry & { scheduled?: Moment }, now: number): Part[] {
  const scheduled = seconds(attempt.scheduled)
  const queued = seconds(attempt.queued)
  const start = seconds(attempt.start)
  const end = seconds(attempt.end)
  const state = attempt.state ?? 'none'
  const isOpen =
    end === null && (state === 'running' || state === 'queued' || state === 'scheduled' || state === 'deferred')
  const parts: Part[] = []
  const add = (kind: Part['kind'], from: number, to: number, open: boolean) => {
    if (to > from || kind === 'run')
      parts.push({
        kind,
        from,
        to,
        state,
        tryNumber: attempt.try,
        isOpen: open,
      })
  }
  if (scheduled !== null && (queued ?? start ?? null) !== null)
    add('scheduled', scheduled, (queued ?? start) as number, false)
  else if (scheduled !== null && isOpen) add('scheduled', scheduled, now, true)
  if (queued !== null && (start !== null || isOpen))
    add('queued', queued, Math.max(queued, start ?? now), start === null)
  if (start !== null && (end !== null || isOpen)) add('run', start, Math.max(start, end ?? now), end === null)
  return parts
}

export interface LaneTask {
  readonly id: string
  readonly label: string
  readonly depth: number
  readonly isGroup: boolean
}

/** Lanes in the order of the tasks given (those of the matrix); a group spans its members, a mapped task's instances share a lane. */
export function lanes(tasks: readonly LaneTask[], rows: readonly GanttRow[], now: number): GanttLane[] {
  const byTask = new Map<string, GanttRow[]>()
  for (const row of rows) {
    const list = byTask.get(row.id)
    if (list) list.push(row)
    else byTask.set(row.id, [row])
  }
  const found = tasks.map((task) => lane(task, byTask.get(task.id) ?? [], now))
  return found.map((one, at) => (one.isGroup ? spanning(one, tasks, found, at) : one))
}

function lane(task: LaneTask, rows: readonly GanttRow[], now: number): GanttLane {
  const parts = rows.flatMap((row) => partsOf(row, now))
  const state =
    rows.length === 1
      ? (rows[0]?.state ?? null)
      : (rows.find((row) => row.state === 'failed')?.state ?? rows[0]?.state ?? null)
  return { ...task, state, instances: rows.length, parts, ...span(parts) }
}

function spanning(group: GanttLane, tasks: readonly LaneTask[], all: readonly GanttLane[], at: number): GanttLane {
  const members: GanttLane[] = []
  for (let next = at + 1; next < tasks.length && (tasks[next] as LaneTask).depth > group.depth; next++) {
    const member = all[next] as GanttLane
    if (!member.isGroup) members.push(member)
  }
  const failed = members.find((one) => one.state === 'failed')
  const running = members.find((one) => one.state === 'running')
  const state = (failed ?? running ?? members[0])?.state ?? null
  return {
    ...group,
    state,
    instances: members.length,
    ...span(members.flatMap((one) => one.parts)),
  }
}

function span(parts: readonly Part[]): {
  from: number | null
  to: number | null
} {
  if (parts.length === 0) return { from: null, to: null }
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const part of parts) {
    from = Math.min(from, part.from)
    to = Math.max(to, part.to)
  }
  return { from, to }
}

/** First and last moment of all lanes, with a little air; null when nothing has begun. */
export function extent(all: readonly GanttLane[]): { from: number; to: number } | null {
  const whole = span(all.flatMap((one) => one.parts))
  if (whole.from === null || whole.to === null) return null
  const air = Math.max(1, (whole.to - whole.from) * 0.02)
  return { from: whole.from - air, to: whole.to + air }
}

/** Ids on the chain that ended last: from the last task back, each time to the upstream that it waited for longest. */
export function criticalPath(
  all: readonly GanttLane[],
  edges: readonly (readonly [string, string, ...unknown[]])[],
): string[] {
  const byId = new Map(all.filter((one) => !one.isGroup && one.to !== null).map((one) => [one.id, one]))
  const upstream = new Map<string, string[]>()
  for (const [from, to] of edges) upstream.set(to, [...(upstream.get(to) ?? []), from])
  let here = latest([...byId.values()])
  const path: string[] = []
  while (here && !path.includes(here.id)) {
    path.unshift(here.id)
    here = latest((upstream.get(here.id) ?? []).map((id) => byId.get(id)).filter((one) => one !== undefined))
  }
  return path
}

function latest(some: readonly GanttLane[]): GanttLane | undefined {
  let found: GanttLane | undefined
  for (const one of some) if (!found || (one.to as number) > (found.to as number)) found = one
  return found
}
