/** Airflow 2's addresses: alerts and wikis are full of them. Pure. */

const LISTS: Record<string, string> = {
  '/home': '/',
  '/taskinstance/list': '/task_instances',
  '/dagrun/list': '/dag_runs',
  '/variable/list': '/variables',
  '/connection/list': '/connections',
  '/pool/list': '/pools',
  '/users/list': '/users',
  '/users/userinfo': '/tokens',
  '/roles/list': '/roles',
  '/permissions/list': '/roles',
  '/actions/list': '/roles',
  '/log/list': '/events',
  '/job/list': '/jobs',
  '/xcom/list': '/xcoms',
  '/slamiss/list': '/events',
  '/trigger/list': '/jobs',
  '/datasets': '/assets',
  '/dag-dependencies': '/dependencies',
  '/dagdependencies': '/dependencies',
  '/cluster_activity': '/timeline',
  '/configuration': '/configs',
  '/config': '/configs',
  '/plugin': '/plugins',
  '/provider': '/providers',
  '/importerrors': '/import_errors',
  '/admin': '/',
}

/** AF2 and AF3 names of a DAG's tabs that we call otherwise. */
const DAG_TABS: Record<string, string> = {
  grid: '',
  tree: '',
  duration: 'durations',
  'landing-times': 'durations',
  landing_times: 'durations',
  tries: 'durations',
  audit_log: 'events',
  dag_details: 'details',
  run_duration: 'durations',
  task_duration: 'durations',
  required_actions: '',
}

const TASK_TABS: Record<string, string> = {
  logs: 'log',
  log: 'log',
  details: 'details',
  rendered_templates: 'rendered',
  rendered_fields: 'rendered',
  xcom: 'xcom',
  mapped_tasks: 'mapped',
  audit_log: 'events',
  asset_events: 'assets',
}

/** AF2's pages per DAG that were /name?dag_id=. */
const BY_QUERY: Record<string, string> = {
  '/graph': 'graph',
  '/tree': '',
  '/grid': '',
  '/gantt': 'gantt',
  '/calendar': 'calendar',
  '/duration': 'durations',
  '/tries': 'durations',
  '/landing_times': 'durations',
  '/code': 'code',
  '/dag_details': 'details',
  '/audit_log': 'events',
}

/** AF2's pages per task instance, and our tab. */
const TASK_PAGES: Record<string, string> = {
  '/log': 'log',
  '/task': 'details',
  '/rendered-templates': 'rendered',
  '/rendered-k8s': 'rendered',
  '/xcom': 'xcom',
}

/** Where an old address leads, with what of its query still means something; null when it is not an old one. */
export function redirectOf(pathname: string, query: URLSearchParams): string | null {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') : pathname
  const list = LISTS[path]
  if (list !== undefined) return withQuery(list, filtersOf(query))
  if (pathname !== path && pathname !== '/') return withQuery(path, query)
  const dagId = query.get('dag_id')
  if (dagId && path in BY_QUERY) return dagTab(dagId, BY_QUERY[path] ?? '')
  if (dagId && path in TASK_PAGES) return taskOf(dagId, query, TASK_PAGES[path] ?? '')
  if (dagId && path === '/trigger') return `/dags/${enc(dagId)}/trigger`
  const trigger = /^\/dags\/([^/]+)\/trigger_dag$/.exec(path)
  if (trigger) return `/dags/${trigger[1]}/trigger`
  const page = /^\/dags\/([^/]+)(?:\/([^/]+))?$/.exec(path)
  return page ? dagPage(decode(page[1] ?? ''), page[2] ?? '', query) : null
}

function dagPage(dagId: string, tab: string, query: URLSearchParams): string | null {
  const run = query.get('dag_run_id') ?? query.get('run_id')
  const task = query.get('task_id')
  if (run && (tab in DAG_TABS || query.has('dag_run_id'))) {
    if (task) return taskOf(dagId, query, TASK_TABS[query.get('tab') ?? ''] ?? '')
    const runTab = query.get('tab') === 'gantt' ? 'gantt' : query.get('tab') === 'graph' ? 'graph' : ''
    return runTab ? `/dags/${enc(dagId)}/${runTab}?run=${enc(run)}` : `/dags/${enc(dagId)}/runs/${enc(run)}`
  }
  if (!(tab in DAG_TABS)) return null
  const given = query.get('tab') ?? ''
  const wanted = tab === 'grid' || tab === 'tree' ? (DAG_TABS[given] ?? given) : (DAG_TABS[tab] ?? '')
  return dagTab(dagId, wanted)
}

function taskOf(dagId: string, query: URLSearchParams, tab: string): string {
  const run = query.get('dag_run_id') ?? query.get('run_id')
  const task = query.get('task_id') ?? ''
  // Oldest links name the logical date only: the list of task instances finds it.
  const date = query.get('execution_date') ?? query.get('logical_date')
  if (!run)
    return withQuery(
      '/task_instances',
      new URLSearchParams({ dag_id: dagId, task_id: task, ...(date && { logical_date: date }) }),
    )
  const index = query.get('map_index')
  const mapped = index && index !== '-1' ? `/mapped/${enc(index)}` : ''
  return `/dags/${enc(dagId)}/runs/${enc(run)}/tasks/${enc(task)}${mapped}${tab && `/${tab}`}`
}

const dagTab = (dagId: string, tab: string): string => `/dags/${enc(dagId)}${tab && `/${tab}`}`

/** FAB wrote filters as _flt_3_dag_id=x: the column's name is what follows the number. */
function filtersOf(query: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams()
  for (const [key, value] of query) {
    const column = /^_flt_\d+_(.+)$/.exec(key)?.[1] ?? (/^(search|tags|status|owner)$/.test(key) ? key : null)
    if (column) kept.append(column === 'search' ? 'q' : column, value)
  }
  return kept
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString()
  return text ? `${path}?${text}` : path
}

const enc = encodeURIComponent

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
