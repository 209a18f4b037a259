/** What the DAG page asks for: one compact request a view. */
import { queryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { CalendarAnswer } from '../../charts/calendarModel'
import type { DurationsAnswer } from '../../charts/durationsModel'
import type { GanttAnswer } from '../../charts/ganttModel'
import type { TimelineAnswer } from '../../charts/timelineModel'
import type { GraphAnswer } from '../../graph/model'
import { decode, type GridAnswer, type GridModel } from '../../grid/model'
import { get, seg, ui, v1 } from '../client'
import type { Collection, Epoch } from '../types'

export interface DagHead {
  readonly dag_id: string
  readonly name?: string | null
  readonly description?: string | null
  readonly doc_md?: string | null
  readonly paused: boolean
  readonly schedule?: string | null
  readonly cron_title?: string | null
  readonly timetable?: string | null
  readonly next?: {
    readonly at: string | null
    readonly logical_date?: string | null
  } | null
  readonly active_runs?: number
  readonly max_active_runs?: number
  readonly owners?: readonly string[]
  readonly tags?: readonly string[]
  readonly version?: string | number | null
  readonly file?: string | null
  /** Letters: see `may`. */
  readonly perms?: string
  readonly starred?: boolean
  readonly counts?: Readonly<Record<string, number>>
  readonly timezone?: string | null
  readonly catchup?: boolean
  readonly import_error?: boolean
  readonly details?: Readonly<Record<string, unknown>>
}

export const dagKey = (dagId: string) => ['dag', dagId] as const
export const gridKey = (dagId: string, runs: number) => ['grid', dagId, runs] as const

export function useDagHead(dagId: string): UseQueryResult<DagHead> {
  return useQuery({
    queryKey: dagKey(dagId),
    queryFn: ({ signal }) => get<DagHead>(ui(`/dags/${seg(dagId)}`), { signal }),
  })
}

/** The model is patched in place by events, so the cache must not compare or copy it. */
export function useGrid(dagId: string, runs: number): UseQueryResult<GridModel> {
  return useQuery({
    queryKey: gridKey(dagId, runs),
    queryFn: async ({ signal }) =>
      decode(
        await get<GridAnswer>(ui(`/dags/${seg(dagId)}/grid`), {
          query: { runs },
          signal,
        }),
      ),
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous) => previous,
  })
}

export function useGraph(dagId: string, enabled = true): UseQueryResult<GraphAnswer> {
  return useQuery({
    queryKey: ['graph', dagId],
    queryFn: ({ signal }) => get<GraphAnswer>(ui(`/dags/${seg(dagId)}/graph`), { signal }),
    staleTime: 5 * 60_000,
    enabled,
  })
}

export function useGantt(dagId: string, runId: string | null): UseQueryResult<GanttAnswer> {
  return useQuery({
    queryKey: ['gantt', dagId, runId],
    queryFn: ({ signal }) => get<GanttAnswer>(ui(`/dags/${seg(dagId)}/runs/${seg(runId ?? '')}/gantt`), { signal }),
    enabled: runId !== null,
    placeholderData: (previous) => previous,
  })
}

export function useCalendar(dagId: string, from: string, to: string): UseQueryResult<CalendarAnswer> {
  return useQuery({
    queryKey: ['calendar', dagId, from, to],
    queryFn: ({ signal }) =>
      get<CalendarAnswer>(ui(`/dags/${seg(dagId)}/calendar`), {
        query: { from, to },
        signal,
      }),
    placeholderData: (previous) => previous,
  })
}

export function useDurations(dagId: string, runs: number, tasks: readonly string[]): UseQueryResult<DurationsAnswer> {
  return useQuery({
    queryKey: ['durations', dagId, runs, tasks],
    queryFn: ({ signal }) =>
      get<DurationsAnswer>(ui(`/dags/${seg(dagId)}/durations`), {
        query: { runs, tasks: tasks.length > 0 ? tasks.join(',') : null },
        signal,
      }),
    placeholderData: (previous) => previous,
  })
}

export function useTimeline(from: number, to: number): UseQueryResult<TimelineAnswer> {
  return useQuery({
    queryKey: ['timeline', from, to],
    queryFn: ({ signal }) => get<TimelineAnswer>(ui('/timeline'), { query: { from, to }, signal }),
    placeholderData: (previous) => previous,
  })
}

export function useDependencies(): UseQueryResult<GraphAnswer> {
  return useQuery({
    queryKey: ['dependencies'],
    queryFn: ({ signal }) => get<GraphAnswer>(ui('/dependencies'), { signal }),
  })
}

export interface TaskDetails {
  readonly task_id: string
  readonly operator_name?: string | null
  readonly owner?: string | null
  readonly trigger_rule?: string | null
  readonly pool?: string | null
  readonly queue?: string | null
  readonly retries?: number | null
  readonly priority_weight?: number | null
  readonly depends_on_past?: boolean
  readonly is_mapped?: boolean
  readonly downstream_task_ids?: readonly string[]
}

export function useTasks(dagId: string): UseQueryResult<Collection<'tasks', TaskDetails>> {
  return useQuery({
    queryKey: ['tasks', dagId],
    queryFn: ({ signal }) =>
      get<Collection<'tasks', TaskDetails>>(v1(`/dags/${seg(dagId)}/tasks`), {
        signal,
      }),
    staleTime: 5 * 60_000,
  })
}

export interface DagRun {
  readonly dag_run_id: string
  readonly state: string
  readonly run_type: string
  readonly logical_date: string | null
  readonly start_date: string | null
  readonly end_date: string | null
  readonly external_trigger?: boolean
  readonly note?: string | null
  readonly conf?: unknown
}

export interface Backfill {
  readonly id: number
  readonly dag_id: string
  readonly from_date: string
  readonly to_date: string
  readonly is_paused: boolean
  readonly reprocess_behavior: string
  readonly max_active_runs: number
  readonly created_at: string | null
  readonly completed_at: string | null
  readonly progress?: Readonly<Record<string, number>> | null
  readonly total?: number | null
}

export function useBackfills(dagId: string): UseQueryResult<{ backfills: Backfill[]; total_entries: number }> {
  return useQuery({
    queryKey: ['backfills', dagId],
    queryFn: ({ signal }) => get(v1('/backfills'), { query: { dag_id: dagId }, signal }),
  })
}

export interface LogEvent {
  readonly event_log_id: number
  readonly when: string
  readonly event: string
  readonly owner: string | null
  readonly task_id: string | null
  readonly run_id: string | null
  readonly extra: string | null
}

/** `source`: the file as it was when that version was first parsed, null when that is not kept any more. `spec`: what
 * was parsed of it, as JSON. */
export interface CodeAnswer {
  readonly file: string | null
  readonly source: string | null
  readonly spec: string
  readonly version: number | null
  readonly versions: readonly {
    readonly number: number
    readonly created: Epoch
  }[]
}

/** The code of a version (without one: as it is now), or of when a run began. */
export function codeQuery(dagId: string, of: { version?: string | null; run_id?: string } = {}) {
  return queryOptions({
    queryKey: ['code', dagId, of.version ?? null, of.run_id ?? null],
    queryFn: ({ signal }) => get<CodeAnswer>(ui(`/dags/${seg(dagId)}/code`), { query: of, signal }),
  })
}

export function useCode(dagId: string, version: string | null): UseQueryResult<CodeAnswer> {
  return useQuery({ ...codeQuery(dagId, { version }), placeholderData: (previous) => previous })
}
