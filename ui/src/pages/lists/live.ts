/** Live changes in the pages of long lists. Pure. */
import type { LiveEvent } from '../../api/events'
import type { ListData, RunRow, TaskRow } from '../../api/queries/lists'
import { isFinished } from '../../kit/states'

/** The pages with the row that an event is about changed; the same when it is not among them. */
function patched<Row>(old: ListData<Row>, is: (row: Row) => boolean, change: (row: Row) => Row): ListData<Row> {
  for (const [at, page] of old.pages.entries()) {
    const index = page.rows.findIndex(is)
    const row = page.rows[index]
    if (row === undefined) continue
    const rows = page.rows.slice()
    rows[index] = change(row)
    return { ...old, pages: old.pages.map((one, i) => (i === at ? { ...page, rows } : one)) }
  }
  return old
}

/** A task instance's new state. */
export function patchTasks(old: ListData<TaskRow>, event: LiveEvent): ListData<TaskRow> {
  if (event.type !== 'ti') return old
  return patched(
    old,
    (row) =>
      row.task_id === event.task_id &&
      row.run_id === event.run_id &&
      row.dag_id === event.dag_id &&
      row.map_index === event.map_index,
    (row) => {
      const start = event.state === 'running' ? event.at : row.start
      const end = isFinished(event.state) ? event.at : null
      return {
        ...row,
        state: event.state,
        try: event.try_number ?? row.try,
        start,
        end,
        duration: start !== null && end !== null ? Math.max(0, end - start) : null,
      }
    },
  )
}

/** A run's new state. */
export function patchRuns(old: ListData<RunRow>, event: LiveEvent): ListData<RunRow> {
  const { state } = event
  if (event.type !== 'run' || state === null) return old
  return patched(
    old,
    (row) => row.run_id === event.run_id && row.dag_id === event.dag_id,
    (row) => ({
      ...row,
      state,
      start: state === 'running' ? (row.start ?? event.at) : row.start,
      end: isFinished(state) ? event.at : null,
    }),
  )
}
