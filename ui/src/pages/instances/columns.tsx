/** The columns of the list of task instances. */
import { Link } from 'react-router'
import type { TaskRow } from '../../api/queries/lists'
import { t } from '../../kit/i18n'
import { StateBadge } from '../../kit/StateBadge'
import type { Column } from '../../kit/table'
import { Duration, Time } from '../../kit/Time'
import styles from '../lists/lists.module.css'

const enc = encodeURIComponent
export const keyOf = (row: TaskRow): string => `${row.dag_id} / ${row.run_id} / ${row.task_id} / ${row.map_index}`
export const pageOf = (row: TaskRow): string =>
  `/dags/${enc(row.dag_id)}/runs/${enc(row.run_id)}/tasks/${enc(row.task_id)}${row.map_index >= 0 ? `/mapped/${row.map_index}` : ''}`

const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1000).toISOString())
const plain = (text: string) => (
  <span className="truncate" title={text}>
    {text}
  </span>
)

export const COLUMNS: readonly Column<TaskRow>[] = [
  {
    id: 'state',
    head: t('instances.column.state', 'State'),
    width: 142,
    fixed: true,
    sort: true,
    csv: (row) => row.state,
    cell: (row) => <StateBadge state={row.state} />,
  },
  {
    id: 'task_id',
    head: t('instances.column.task', 'Task'),
    grow: 3,
    min: 140,
    fixed: true,
    sort: true,
    csv: (row) => row.task_id,
    cell: (row) => (
      <Link to={pageOf(row)} className={styles.id} title={row.task_id}>
        {row.task_id}
        {row.map_index >= 0 && ` [${row.map_index}]`}
      </Link>
    ),
  },
  {
    id: 'dag_id',
    head: t('instances.column.dag', 'DAG'),
    grow: 2,
    min: 120,
    sort: true,
    csv: (row) => row.dag_id,
    cell: (row) => (
      <Link to={`/dags/${enc(row.dag_id)}`} className={styles.quiet} title={row.dag_id}>
        {row.dag_id}
      </Link>
    ),
  },
  {
    id: 'run_id',
    head: t('instances.column.run', 'Run'),
    grow: 3,
    min: 140,
    sort: true,
    csv: (row) => row.run_id,
    cell: (row) => (
      <Link
        to={`/dags/${enc(row.dag_id)}/runs/${enc(row.run_id)}`}
        className={`${styles.quiet} muted`}
        title={row.run_id}
      >
        {row.run_id}
      </Link>
    ),
  },
  {
    id: 'map_index',
    head: t('instances.column.map', 'Map index'),
    width: 84,
    hidden: true,
    align: 'end',
    sort: true,
    csv: (row) => row.map_index,
    cell: (row) => (row.map_index >= 0 ? row.map_index : ''),
  },
  {
    id: 'try_number',
    head: t('instances.column.try', 'Try'),
    width: 60,
    align: 'end',
    sort: true,
    descFirst: true,
    csv: (row) => row.try,
    cell: (row) => (row.try ? `${row.try} / ${row.max_tries}` : <span className="muted">–</span>),
  },
  {
    id: 'logical',
    head: t('instances.column.logical', 'Logical date'),
    width: 116,
    hidden: true,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.logical),
    cell: (row) => <Time at={row.logical} mode="short" />,
  },
  {
    id: 'queued',
    head: t('instances.column.queued', 'Queued'),
    width: 96,
    hidden: true,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.queued),
    cell: (row) => <Time at={row.queued} />,
  },
  {
    id: 'start_date',
    head: t('instances.column.start', 'Started'),
    width: 96,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.start),
    cell: (row) => <Time at={row.start} />,
  },
  {
    id: 'end_date',
    head: t('instances.column.end', 'Ended'),
    width: 96,
    hidden: true,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.end),
    cell: (row) => <Time at={row.end} />,
  },
  {
    id: 'duration',
    head: t('instances.column.duration', 'Duration'),
    width: 84,
    align: 'end',
    sort: true,
    descFirst: true,
    csv: (row) => row.duration,
    cell: (row) =>
      row.state === 'running' ? <Duration start={row.start} /> : <Duration seconds={row.start ? row.duration : null} />,
  },
  {
    id: 'operator',
    head: t('instances.column.operator', 'Operator'),
    width: 132,
    sort: true,
    csv: (row) => row.op,
    cell: (row) => plain(row.op),
  },
  {
    id: 'pool',
    head: t('instances.column.pool', 'Pool'),
    width: 104,
    sort: true,
    csv: (row) => row.pool,
    cell: (row) => plain(row.pool),
  },
  {
    id: 'queue',
    head: t('instances.column.queue', 'Queue'),
    width: 100,
    hidden: true,
    sort: true,
    csv: (row) => row.queue,
    cell: (row) => plain(row.queue),
  },
  {
    id: 'hostname',
    head: t('instances.column.host', 'Host'),
    width: 120,
    hidden: true,
    sort: true,
    csv: (row) => row.host,
    cell: (row) => plain(row.host),
  },
  {
    id: 'note',
    head: t('instances.column.note', 'Note'),
    grow: 1,
    min: 80,
    hidden: true,
    csv: (row) => row.note,
    cell: (row) => plain(row.note ?? ''),
  },
]

export function NarrowTask({ row }: { row: TaskRow }) {
  return (
    <span className={styles.narrow}>
      <span className={styles.line}>
        <Link to={pageOf(row)} className={styles.id}>
          {row.task_id}
          {row.map_index >= 0 && ` [${row.map_index}]`}
        </Link>
        <StateBadge state={row.state} />
      </span>
      <span className={`${styles.line} muted`}>
        <span className="truncate">{row.dag_id}</span>
        <span>
          <Duration seconds={row.duration} /> · <Time at={row.start ?? row.queued} none="–" />
        </span>
      </span>
    </span>
  )
}
