/** The filters of runs and task instances: as the URL has them, as the server wants them. Pure. */
import type { BulkFilter } from '../../api/queries/actions'

const NONE: readonly string[] = []

/** Each name is a query parameter. `dag`, `run`, `task`: text inside; the ids: exactly. */
export const RUN_FILTER = {
  dag: '',
  run: '',
  dag_id: NONE,
  run_id: NONE,
  state: NONE,
  run_type: NONE,
  tag: NONE,
  owner: NONE,
  logical_date: '',
  logical_from: '',
  logical_to: '',
  start_from: '',
  start_to: '',
  end_from: '',
  end_to: '',
  sort: '',
}

export const TASK_FILTER = {
  dag: '',
  run: '',
  task: '',
  dag_id: NONE,
  run_id: NONE,
  task_id: NONE,
  map_index: NONE,
  state: NONE,
  pool: NONE,
  queue: NONE,
  operator: NONE,
  tag: NONE,
  owner: NONE,
  logical_date: '',
  logical_from: '',
  logical_to: '',
  start_from: '',
  start_to: '',
  end_from: '',
  end_to: '',
  min_s: '',
  max_s: '',
  sort: '',
}

export type ListFilter = Readonly<Record<string, string | readonly string[]>>

const LISTS: Readonly<Record<string, keyof BulkFilter>> = {
  dag_id: 'dag_ids',
  run_id: 'dag_run_ids',
  task_id: 'task_ids',
  state: 'states',
  run_type: 'run_types',
  pool: 'pools',
  queue: 'queues',
  operator: 'operators',
  tag: 'tags',
  owner: 'owners',
}
const PATTERNS: Readonly<Record<string, string>> = {
  dag: 'dag_id_pattern',
  run: 'dag_run_id_pattern',
  task: 'task_id_pattern',
}
const MOMENTS: Readonly<Record<string, string>> = {
  logical_from: 'execution_date_gte',
  logical_to: 'execution_date_lte',
  start_from: 'start_date_gte',
  start_to: 'start_date_lte',
  end_from: 'end_date_gte',
  end_to: 'end_date_lte',
}
const NUMBERS: Readonly<Record<string, string>> = { min_s: 'duration_gte', max_s: 'duration_lte' }

/** What the server is asked for, the same for the list and for what is done to all that match. */
export function serverFilter(filter: ListFilter): BulkFilter {
  const wanted: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(filter)) {
    if (name === 'sort' || value.length === 0) continue
    if (Array.isArray(value)) {
      if (name === 'map_index') wanted.map_indexes = value.map(Number).filter(Number.isInteger)
      else if (name in LISTS) wanted[LISTS[name] as string] = value
    } else if (name in PATTERNS) wanted[PATTERNS[name] as string] = `%${value as string}%`
    else if (name in MOMENTS) wanted[MOMENTS[name] as string] = momentOf(value as string, name.endsWith('_to'))
    else if (name in NUMBERS && Number.isFinite(Number(value))) wanted[NUMBERS[name] as string] = Number(value)
    else if (name === 'logical_date') {
      wanted.execution_date_gte = momentOf(value as string, false)
      wanted.execution_date_lte = wanted.execution_date_gte
    }
  }
  return wanted
}

/** What a field of date and time gives ("2026-11-20T14:02"), or a link, as a moment; without a zone it is UTC. The end
 * of a range has its whole minute. */
export function momentOf(text: string, isEnd: boolean): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T${isEnd ? '23:59:59.999999' : '00:00:00'}Z`
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return `${text}:${isEnd ? '59.999999' : '00'}Z`
  return /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`
}

/** A moment as a field of date and time can show it. */
export function fieldOf(text: string): string {
  const at = text ? Date.parse(momentOf(text, false)) : Number.NaN
  return Number.isNaN(at) ? '' : new Date(at).toISOString().slice(0, 16)
}

/** Whether anything is filtered. */
export function isFiltered(filter: ListFilter): boolean {
  return Object.entries(filter).some(([name, value]) => name !== 'sort' && value.length > 0)
}

/** The filter with one value of a list, or a whole text, taken away. */
export function without(filter: ListFilter, name: string, value: string): Record<string, string | readonly string[]> {
  const now = filter[name]
  return { [name]: Array.isArray(now) ? now.filter((one) => one !== value) : '' }
}
