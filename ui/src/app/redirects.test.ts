import { describe, expect, it } from 'vitest'
import { redirectOf } from './redirects'

const to = (address: string) => {
  const url = new URL(address, 'http://x')
  return redirectOf(url.pathname, url.searchParams)
}

describe("Airflow 2's addresses", () => {
  it.each([
    ['/home', '/'],
    ['/home?search=sales&tags=etl', '/?q=sales&tags=etl'],
    ['/taskinstance/list/', '/task_instances'],
    [
      '/taskinstance/list/?_flt_3_dag_id=sales_etl&_flt_3_state=failed',
      '/task_instances?dag_id=sales_etl&state=failed',
    ],
    ['/dagrun/list/?_flt_3_dag_id=a', '/dag_runs?dag_id=a'],
    ['/variable/list/', '/variables'],
    ['/connection/list/', '/connections'],
    ['/pool/list/', '/pools'],
    ['/users/list/', '/users'],
    ['/roles/list/', '/roles'],
    ['/datasets', '/assets'],
    ['/dags/sales_etl/grid', '/dags/sales_etl'],
    ['/dags/sales_etl/grid?tab=graph', '/dags/sales_etl/graph'],
    ['/dags/sales_etl/grid?tab=run_duration', '/dags/sales_etl/durations'],
    ['/dags/sales_etl/grid?dag_run_id=manual__1', '/dags/sales_etl/runs/manual__1'],
    [
      '/dags/sales_etl/grid?dag_run_id=scheduled__2026-01-01T00%3A00%3A00%2B00%3A00&task_id=load&tab=logs',
      '/dags/sales_etl/runs/scheduled__2026-01-01T00%3A00%3A00%2B00%3A00/tasks/load/log',
    ],
    ['/dags/a/grid?dag_run_id=r&task_id=t&map_index=3&tab=xcom', '/dags/a/runs/r/tasks/t/mapped/3/xcom'],
    ['/dags/a/grid?dag_run_id=r&task_id=t&map_index=-1', '/dags/a/runs/r/tasks/t'],
    ['/dags/a/grid?dag_run_id=r&tab=gantt', '/dags/a/gantt?run=r'],
    ['/dags/a/duration', '/dags/a/durations'],
    ['/dags/a/landing-times', '/dags/a/durations'],
    ['/dags/a/trigger_dag', '/dags/a/trigger'],
    ['/trigger?dag_id=a', '/dags/a/trigger'],
    ['/graph?dag_id=a', '/dags/a/graph'],
    ['/code?dag_id=a', '/dags/a/code'],
    ['/log?dag_id=a&task_id=t&dag_run_id=r&map_index=-1', '/dags/a/runs/r/tasks/t/log'],
    [
      '/log?dag_id=a&task_id=t&execution_date=2026-01-01T00:00:00',
      '/task_instances?dag_id=a&task_id=t&logical_date=2026-01-01T00%3A00%3A00',
    ],
    ['/rendered-templates?dag_id=a&task_id=t&dag_run_id=r', '/dags/a/runs/r/tasks/t/rendered'],
    ['/dag_runs/', '/dag_runs'],
  ])('%s leads to %s', (from, target) => {
    expect(to(from)).toBe(target)
  })
  it.each(['/', '/dags', '/dags/a', '/dags/a/graph', '/dags/a/calendar', '/dags/a/events', '/nowhere', '/log'])(
    '%s is no old address',
    (address) => {
      expect(to(address)).toBeNull()
    },
  )
  it('never leads in a circle', () => {
    for (const address of ['/home', '/datasets', '/dags/a/grid', '/dags/a/duration', '/config', '/graph?dag_id=a'])
      expect(to(to(address) ?? '')).toBeNull()
  })
})
