/** The columns of the list of runs. */
import { Link } from 'react-router'
import type { RunRow } from '../../api/queries/lists'
import { t } from '../../kit/i18n'
import { Icon } from '../../kit/icons'
import { StateBadge } from '../../kit/StateBadge'
import type { Column } from '../../kit/table'
import { Duration, Time } from '../../kit/Time'
import styles from '../lists/lists.module.css'

const enc = encodeURIComponent
export const keyOf = (row: RunRow): string => `${row.dag_id} / ${row.run_id}`
export const pageOf = (row: RunRow): string => `/dags/${enc(row.dag_id)}/runs/${enc(row.run_id)}`

const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1000).toISOString())

export const COLUMNS: readonly Column<RunRow>[] = [
  {
    id: 'state',
    head: t('runs.column.state', 'State'),
    width: 108,
    fixed: true,
    sort: true,
    csv: (row) => row.state,
    cell: (row) => <StateBadge state={row.state} />,
  },
  {
    id: 'dag_id',
    head: t('runs.column.dag', 'DAG'),
    grow: 2,
    min: 130,
    fixed: true,
    sort: true,
    csv: (row) => row.dag_id,
    cell: (row) => (
      <Link to={`/dags/${enc(row.dag_id)}`} className={styles.id} title={row.dag_id}>
        {row.dag_id}
      </Link>
    ),
  },
  {
    id: 'run_id',
    head: t('runs.column.run', 'Run'),
    grow: 3,
    min: 150,
    sort: true,
    csv: (row) => row.run_id,
    cell: (row) => (
      <Link to={pageOf(row)} className={styles.quiet} title={row.run_id}>
        {row.run_id}
      </Link>
    ),
  },
  {
    id: 'run_type',
    head: t('runs.column.type', 'Type'),
    width: 96,
    sort: true,
    csv: (row) => row.type,
    cell: (row) => row.type.replaceAll('_', ' '),
  },
  {
    id: 'logical',
    head: t('runs.column.logical', 'Logical date'),
    width: 116,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.logical),
    cell: (row) => <Time at={row.logical} mode="short" />,
  },
  {
    id: 'start_date',
    head: t('runs.column.start', 'Started'),
    width: 96,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.start),
    cell: (row) => <Time at={row.start} />,
  },
  {
    id: 'end_date',
    head: t('runs.column.end', 'Ended'),
    width: 96,
    hidden: true,
    sort: true,
    descFirst: true,
    csv: (row) => iso(row.end),
    cell: (row) => <Time at={row.end} />,
  },
  {
    id: 'duration',
    head: t('runs.column.duration', 'Duration'),
    width: 84,
    align: 'end',
    csv: (row) => (row.start !== null && row.end !== null ? row.end - row.start : null),
    cell: (row) => <Duration start={row.start} end={row.end} />,
  },
  {
    id: 'note',
    head: t('runs.column.note', 'Note'),
    grow: 2,
    min: 80,
    csv: (row) => row.note,
    cell: (row) => <Extras row={row} />,
  },
]

function Extras({ row }: { row: RunRow }) {
  if (!row.note && !row.conf) return null
  return (
    <span className={styles.cell}>
      {row.conf && (
        <span title={t('runs.hasConf', 'Triggered with a conf')} className="muted">
          <Icon name="config" size={14} />
          <span className="visually-hidden">{t('runs.hasConf', 'Triggered with a conf')}</span>
        </span>
      )}
      {row.note && (
        <span className="truncate muted" title={row.note}>
          {row.note}
        </span>
      )}
    </span>
  )
}

export function NarrowRun({ row }: { row: RunRow }) {
  return (
    <span className={styles.narrow}>
      <span className={styles.line}>
        <Link to={pageOf(row)} className={styles.id}>
          {row.dag_id}
        </Link>
        <StateBadge state={row.state} />
      </span>
      <span className={`${styles.line} muted`}>
        <span className="truncate">
          {row.type.replaceAll('_', ' ')} · <Time at={row.logical} mode="short" />
        </span>
        <span>
          <Duration start={row.start} end={row.end} /> · <Time at={row.start} />
        </span>
      </span>
    </span>
  )
}
