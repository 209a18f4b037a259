/** What the run and task drawers read: one request each, from /ui/v1. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Json } from '../../forms/fields'
import type { LogPart } from '../../logs/window'
import { get, seg, ui } from '../client'
import type { Epoch } from '../types'

export type TaskRow = {
  id: string
  map_index: number
  rendered_map_index?: string | null
  state: string | null
  start: Epoch
  end: Epoch
  try: number
  max_tries?: number
  op?: string | null
}

export type AssetEvent = {
  id: number
  /** in: led to the run; out: made by it. */
  direction: 'in' | 'out'
  uri: string
  at: Epoch
  dag_id: string | null
  run_id: string | null
  task_id: string | null
  extra: Record<string, Json>
}

export type RunFields = {
  dag_id: string
  run_id: string
  state: string | null
  type: string
  external_trigger: boolean
  logical: Epoch
  queued: Epoch
  start: Epoch
  end: Epoch
  interval_start: Epoch
  interval_end: Epoch
  last_scheduling_decision: Epoch
  conf: Record<string, Json> | null
  note: string | null
  version: number | null
  clears: number
  triggered_by: string | null
}

export type RunDetail = {
  run: RunFields
  /** What failed first; the first thousand. */
  tasks: TaskRow[]
  states: Record<string, number>
  total: number
  asset_events: AssetEvent[]
  perms: string
}

export type Check = {
  name: string
  ok: boolean
  reason: string
  fix?: string | null
  link?: string | null
  /** Of the trigger rule: upstream task instances that have not succeeded. */
  upstream?: { task_id: string; map_index: number; state: string | null }[]
}

export type Try = {
  try: number
  state: string | null
  start: string | null
  end: string | null
  duration: number | null
  hostname: string | null
  /** The line that told why it failed. */
  error: string | null
}

export type TaskFields = {
  dag_id: string
  run_id: string
  task_id: string
  name: string
  map_index: number
  rendered_map_index: string | null
  state: string | null
  try: number
  max_tries: number
  start: string | null
  end: string | null
  queued: string | null
  duration: number | null
  hostname: string | null
  operator: string | null
  pool: string | null
  pool_slots: number | null
  queue: string | null
  pid?: number | null
  unixname?: string | null
  priority_weight?: number | null
  executor?: string | null
  next_method?: string | null
  wake_at?: string | null
  logical_date?: string | null
  trigger_timeout?: string | null
  trigger?: { classpath: string; kwargs: Json; created: string | null; triggerer: string | null } | null
  executor_config?: string
  custom_operator_name?: string | null
  external_executor_id?: string | null
}

export type TaskStatic = {
  op: string
  owner: string
  trigger_rule: string
  upstream: string[]
  downstream: string[]
  retries: number
  retry_delay: number
  depends_on_past: boolean
  wait_for_downstream: boolean
  execution_timeout: number | null
  mapped: boolean
  setup: boolean
  teardown: boolean
  group: string | null
  doc_md: string | null
  renderers: Record<string, string>
  template_fields: string[]
}

export type TaskDetail = {
  run: { run_id: string; state: string | null; logical: Epoch; type: string }
  /** Null: the task is mapped and no instance was asked for. */
  ti: TaskFields | null
  /** What the DAG file says now; null when it has no such task any more. */
  task: TaskStatic | null
  tries: Try[]
  why: Check[]
  mapped: { total: number; states: Record<string, number> } | null
  rendered: Record<string, string>
  links: Record<string, string | null>
  note: string | null
  perms: string
  /** Of its last try, when it was asked for too: what the viewer would ask for first. */
  log?: (LogPart & { try: number; at: 'head' | 'tail' | 'first_error' }) | null
}

export type XComValue = {
  key: string
  value: Json
  timestamp: Epoch
  truncated: boolean
  size: number
}

export const runPath = (dagId: string, runId: string): string => `/dags/${seg(dagId)}/runs/${seg(runId)}`

export const taskPath = (dagId: string, runId: string, taskId: string): string =>
  `${runPath(dagId, runId)}/tasks/${seg(taskId)}`

/** `['run', dag, run]` begins the keys of everything about a run, so that one call makes all of it stale. */
export const runQuery = (dagId: string, runId: string) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'detail'],
    queryFn: ({ signal }) => get<RunDetail>(ui(runPath(dagId, runId)), { signal }),
  })

/** `withLog`: the first answer brings what is seen first of the log, so that it need not wait for a second one. */
export const taskQuery = (dagId: string, runId: string, taskId: string, mapIndex: number, withLog = false) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'task', taskId, mapIndex],
    queryFn: ({ signal, client, queryKey }) => {
      const log = withLog && client.getQueryData(queryKey) === undefined ? true : null
      return get<TaskDetail>(ui(taskPath(dagId, runId, taskId)), { query: { map_index: mapIndex, log }, signal })
    },
    placeholderData: keepPreviousData,
  })

export const xcomQuery = (dagId: string, runId: string, taskId: string, mapIndex: number) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'xcoms', taskId, mapIndex],
    queryFn: ({ signal }) =>
      get<{ xcoms: XComValue[] }>(ui(`${taskPath(dagId, runId, taskId)}/xcoms`), {
        query: { map_index: mapIndex },
        signal,
      }),
  })

export const mappedQuery = (dagId: string, runId: string, taskId: string, state: string, limit: number) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'mapped', taskId, state, limit],
    queryFn: ({ signal }) =>
      get<{ tasks: TaskRow[]; total: number; states: Record<string, number> }>(
        ui(`${taskPath(dagId, runId, taskId)}/mapped`),
        {
          query: { state: state || null, limit },
          signal,
        },
      ),
    placeholderData: keepPreviousData,
  })

export const renderedQuery = (dagId: string, runId: string, taskId: string, mapIndex: number) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'rendered', taskId, mapIndex],
    queryFn: ({ signal }) =>
      get<{ rendered: Record<string, string> }>(ui(`${taskPath(dagId, runId, taskId)}/rendered`), {
        query: { map_index: mapIndex },
        signal,
      }),
  })
