/** What the run and task drawers read: one request each, from /ui/v1. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Json } from '../../forms/fields'
import { get, seg, ui } from '../client'

export type TaskRow = {
  id: string
  map_index: number
  state: string | null
  start: number | null
  end: number | null
  try: number
  op?: string | null
  note?: boolean
}

export type AssetEvent = {
  uri: string
  timestamp: string | null
  extra?: Json
  source_dag_id?: string | null
  source_run_id?: string | null
  source_task_id?: string | null
  source_map_index?: number | null
}

export type RunFields = {
  dag_id: string
  dag_run_id: string
  state: string | null
  run_type: string
  logical_date: string | null
  start_date: string | null
  end_date: string | null
  queued_at?: string | null
  data_interval_start: string | null
  data_interval_end: string | null
  external_trigger?: boolean
  conf: Record<string, Json> | null
  note: string | null
  triggered_by?: string | null
  trigger_user?: string | null
  dag_hash?: string | null
  version?: string | number | null
}

export type RunDetail = {
  run: RunFields
  tasks: TaskRow[]
  total: number
  counts?: Record<string, number>
  asset_events: AssetEvent[]
  perms: string
}

export type Check = {
  name: string
  ok: boolean
  reason: string
  fix?: string | null
  link?: string | null
}

export type Try = {
  try: number
  state: string | null
  start: number | null
  end: number | null
  hostname?: string | null
}

export type TaskFields = {
  task_id: string
  map_index: number
  rendered_map_index?: string | null
  state: string | null
  try_number: number
  max_tries: number
  start_date: string | null
  end_date: string | null
  duration: number | null
  hostname: string | null
  operator: string | null
  pool: string | null
  pool_slots: number | null
  queue: string | null
  note: string | null
  [field: string]: Json | undefined
}

export type TaskDetail = {
  ti: TaskFields
  tries: Try[]
  why: Check[]
  mapped: { total: number; states: Record<string, number> } | null
  rendered: Record<string, string>
  links: Record<string, string | null>
  asset_events?: AssetEvent[]
  note: string | null
  perms: string
}

export type XComValue = {
  key: string
  value: Json
  timestamp: string | null
  truncated: boolean
  size?: number
  map_index?: number
}

export type MappedRow = {
  map_index: number
  label?: string | null
  state: string | null
  start: number | null
  end: number | null
  try: number
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

export const taskQuery = (dagId: string, runId: string, taskId: string, mapIndex: number) =>
  queryOptions({
    queryKey: ['run', dagId, runId, 'task', taskId, mapIndex],
    queryFn: ({ signal }) =>
      get<TaskDetail>(ui(taskPath(dagId, runId, taskId)), { query: { map_index: mapIndex }, signal }),
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
      get<{ instances: MappedRow[]; total: number }>(ui(`${taskPath(dagId, runId, taskId)}/mapped`), {
        query: { state: state || null, limit },
        signal,
      }),
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
