/** What is done to runs and task instances: planned first (dry run), then done, one request for any number. */
import type { QueryClient } from '@tanstack/react-query'
import type { Json } from '../../forms/fields'
import { del, patch, post, put, seg, v1 } from '../client'

export type Instance = { dag_id: string; dag_run_id: string; task_id: string; map_index?: number }

/** Selection by filter: the server finds what matches. What it does not know it refuses. */
export type BulkFilter = {
  dag_ids?: string[]
  dag_id_pattern?: string
  tags?: string[]
  owners?: string[]
  paused?: boolean
  dag_run_ids?: string[]
  states?: (string | null)[]
  execution_date_gte?: string
  execution_date_lte?: string
  start_date_gte?: string
  start_date_lte?: string
  end_date_gte?: string
  end_date_lte?: string
  /** Of runs. */
  run_types?: string[]
  dag_runs?: { dag_id: string; dag_run_id: string }[]
  /** Of task instances. */
  task_ids?: string[]
  map_indexes?: number[]
  pools?: string[]
  queues?: string[]
  operators?: string[]
  duration_gte?: number
  duration_lte?: number
  task_instances?: Instance[]
  /** Left out of what matches. */
  except?: Partial<Instance>[]
}

export type TaskAction = 'clear' | 'success' | 'failed' | 'skipped'
export type RunAction = 'clear' | 'success' | 'failed' | 'delete' | 'trigger-again'

export type Scope = {
  include_upstream?: boolean
  include_downstream?: boolean
  include_past?: boolean
  include_future?: boolean
  only_failed?: boolean
  /** What external task markers of these name in other DAGs. */
  include_nested_dags?: boolean
  /** Nothing is changed while one of them runs. */
  prevent_running_task?: boolean
}

export type TaskPlanRow = Instance & { state: string | null }

export type TaskWish = Scope & {
  action: TaskAction
  filter: BulkFilter
  note?: string
}

export type RunWish = {
  action: RunAction
  filter: BulkFilter
  only_failed?: boolean
  note?: string
}

export type RunPlanRow = { dag_id: string; dag_run_id: string; state: string | null; execution_date?: string | null }

export type Plan<Row> = {
  total: number
  by_state: Record<string, number>
  sample: Row[]
  applied: number
  refused: { reason: string }[]
}

/** How many rows a plan lists. */
export const SAMPLE = 2_000

export const planTasks = (wish: TaskWish, signal?: AbortSignal): Promise<Plan<TaskPlanRow>> =>
  post(v1('/bulk/taskInstances'), { ...wish, dry_run: true, sample_limit: SAMPLE }, { signal })

/** `expected`: as many as the plan said; when it is other meanwhile, nothing is changed (409). */
export const applyTasks = (wish: TaskWish, expected: number): Promise<Plan<TaskPlanRow>> =>
  post(v1('/bulk/taskInstances'), { ...wish, dry_run: false, expected_count: expected })

export const planRuns = (wish: RunWish, signal?: AbortSignal): Promise<Plan<RunPlanRow>> =>
  post(v1('/bulk/dagRuns'), { ...wish, dry_run: true, sample_limit: SAMPLE }, { signal })

export const applyRuns = (wish: RunWish, expected: number): Promise<Plan<RunPlanRow>> =>
  post(v1('/bulk/dagRuns'), { ...wish, dry_run: false, expected_count: expected })

export type TriggerBody = {
  conf: Record<string, Json>
  dag_run_id?: string
  logical_date?: string
  data_interval_start?: string
  data_interval_end?: string
  note?: string
}

export const triggerRun = (dagId: string, body: TriggerBody): Promise<{ dag_run_id: string; state: string }> =>
  post(v1(`/dags/${seg(dagId)}/dagRuns`), body)

export const unpause = (dagId: string): Promise<unknown> => patch(v1(`/dags/${seg(dagId)}`), { is_paused: false })

export const deleteRun = (dagId: string, runId: string): Promise<void> =>
  del(v1(`/dags/${seg(dagId)}/dagRuns/${seg(runId)}`))

export const setRunNote = (dagId: string, runId: string, note: string): Promise<unknown> =>
  patch(v1(`/dags/${seg(dagId)}/dagRuns/${seg(runId)}/setNote`), { note })

export function setTaskNote(of: Instance, note: string): Promise<unknown> {
  const task = `/dags/${seg(of.dag_id)}/dagRuns/${seg(of.dag_run_id)}/taskInstances/${seg(of.task_id)}`
  const one = (of.map_index ?? -1) >= 0 ? `${task}/${of.map_index}` : task
  return patch(v1(`${one}/setNote`), { note })
}

export type Reprocess = 'none' | 'failed' | 'completed'

export type BackfillWish = {
  dag_id: string
  from_date: string
  to_date: string
  reprocess_behavior: Reprocess
  max_active_runs: number
  run_backwards: boolean
  dag_run_conf?: Record<string, Json>
}

export type PlannedRun = {
  logical_date: string
  data_interval_start: string | null
  data_interval_end: string | null
  action: 'create' | 'rerun' | 'skip'
  reason: string | null
  dag_run_id: string | null
  state: string | null
}

export type BackfillPlan = {
  backfills: PlannedRun[]
  skipped: PlannedRun[]
  counts: Record<PlannedRun['action'], number>
}

export type Backfill = {
  id: number
  dag_id: string
  from_date: string
  to_date: string
  is_paused: boolean
  completed_at: string | null
  max_active_runs: number
  reprocess_behavior: string
  run_backwards: boolean
  triggering_user_name: string | null
  progress: Record<string, number> & { total: number }
}

export const planBackfill = (wish: BackfillWish, signal?: AbortSignal): Promise<BackfillPlan> =>
  post(v1('/backfills/dry_run'), wish, { signal })

export const createBackfill = (wish: BackfillWish): Promise<Backfill> => post(v1('/backfills'), wish)

export const backfillVerb = (id: number, verb: 'pause' | 'unpause' | 'cancel'): Promise<Backfill> =>
  put(v1(`/backfills/${id}/${verb}`))

/** After something was done to a DAG's runs: what shows them is asked for again, once, where it is on the screen. */
export function refreshDag(client: QueryClient, dagIds: readonly string[]): void {
  const touched = new Set(dagIds)
  void client.invalidateQueries({
    predicate: ({ queryKey }) =>
      queryKey.some((part) => typeof part === 'string' && touched.has(part)) ||
      ['home', 'dags', 'runs', 'task_instances', 'dag_runs', 'backfills', 'timeline'].includes(String(queryKey[0])),
  })
}
