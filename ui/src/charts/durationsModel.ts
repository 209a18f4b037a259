/** Columns for the charts of durations: of runs, of single tasks, and of landing times. */
import { seconds } from '../grid/model'
import { median, quantile } from './statistics'

type Moment = number | string | null | undefined

export interface DurationRun {
  readonly id: string
  readonly logical: Moment
  readonly interval_end?: Moment
  readonly queued: Moment
  readonly start: Moment
  readonly end: Moment
  readonly state: string
}

/** Seconds in the queue, seconds of running, tries, state. */
export type TaskDuration = readonly [number | null, number | null, number, string | null] | null

export interface DurationsAnswer {
  readonly runs: readonly DurationRun[]
  readonly tasks: Readonly<Record<string, readonly TaskDuration[]>>
}

export interface Bar {
  readonly run: string
  readonly at: number
  readonly state: string
  readonly queue: number | null
  readonly duration: number | null
  readonly tries: number
}

export interface Chart {
  readonly bars: readonly Bar[]
  readonly median: number | null
  readonly p95: number | null
}

function chart(bars: readonly Bar[]): Chart {
  const values = bars.map((bar) => bar.duration).filter((one) => one !== null)
  return { bars, median: median(values), p95: quantile(values, 0.95) }
}

function momentOf(run: DurationRun): number {
  return seconds(run.logical) ?? seconds(run.start) ?? seconds(run.queued) ?? 0
}

/** A run each: how long it was queued, how long it ran (until now if it still runs). */
export function runBars(answer: DurationsAnswer, now: number): Chart {
  return chart(
    answer.runs.map((run) => {
      const queued = seconds(run.queued)
      const start = seconds(run.start)
      const end = seconds(run.end) ?? (run.state === 'running' ? now : null)
      return {
        run: run.id,
        at: momentOf(run),
        state: run.state,
        queue: queued !== null && start !== null ? Math.max(0, start - queued) : null,
        duration: start !== null && end !== null ? Math.max(0, end - start) : null,
        tries: 0,
      }
    }),
  )
}

/** A run each: one task's time in the queue and at work. */
export function taskBars(answer: DurationsAnswer, task: string): Chart {
  const values = answer.tasks[task] ?? []
  return chart(
    answer.runs.map((run, at) => {
      const value = values[at] ?? null
      return {
        run: run.id,
        at: momentOf(run),
        state: value?.[3] ?? 'none',
        queue: value?.[0] ?? null,
        duration: value?.[1] ?? null,
        tries: value?.[2] ?? 0,
      }
    }),
  )
}

/** A run each: how long after the end of its data interval it was done. */
export function landingBars(answer: DurationsAnswer): Chart {
  return chart(
    answer.runs.map((run) => {
      const end = seconds(run.end)
      const due = seconds(run.interval_end)
      return {
        run: run.id,
        at: momentOf(run),
        state: run.state,
        queue: null,
        duration: end !== null && due !== null ? Math.max(0, end - due) : null,
        tries: 0,
      }
    }),
  )
}
