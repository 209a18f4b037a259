/** The instances of a mapped task: any number of rows, filtered by state. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { mappedQuery, type TaskDetail, type TaskRow } from '../../api/queries/drawers'
import { t } from '../../kit/i18n'
import { FilteredEmpty } from '../../kit/Placeholder'
import { StateBadge, StateLegend } from '../../kit/StateBadge'
import { type Column, Table } from '../../kit/Table'
import { Duration, Time } from '../../kit/Time'
import { msOf } from '../../kit/time'
import { type TaskPlace, taskUrl } from './place'
import styles from './Task.module.css'

const STEP = 500

const COLUMNS: readonly Column<TaskRow>[] = [
  {
    id: 'state',
    head: 'State',
    width: 152,
    sort: (row) => row.state,
    cell: (row) => <StateBadge state={row.state} />,
  },
  {
    id: 'index',
    head: 'Index',
    grow: 1,
    fixed: true,
    sort: (row) => row.map_index,
    cell: (row) => (row.rendered_map_index ? `${row.map_index} · ${row.rendered_map_index}` : row.map_index),
  },
  { id: 'try', head: 'Try', width: 50, align: 'end', sort: (row) => row.try, cell: (row) => row.try },
  {
    id: 'start',
    head: 'Start',
    width: 110,
    sort: (row) => row.start,
    cell: (row) => <Time at={row.start} mode="short" />,
  },
  {
    id: 'took',
    head: 'Took',
    width: 80,
    align: 'end',
    descFirst: true,
    sort: (row) =>
      row.start === null ? null : ((msOf(row.end) ?? Number.MAX_SAFE_INTEGER) - (msOf(row.start) ?? 0)) / 1000,
    cell: (row) => (row.start === null ? '' : <Duration start={row.start} end={row.end} />),
  },
]

export function MappedTab({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const navigate = useNavigate()
  const [params, setParams] = useSearchParams()
  const [limit, setLimit] = useState(STEP)
  const state = params.get('state') ?? ''
  const rows = useQuery(mappedQuery(place.dagId, place.runId, place.taskId, state, limit))
  const pick = (next: string) => {
    setLimit(STEP)
    setParams(
      (old) => {
        const all = new URLSearchParams(old)
        if (next === '' || next === state) all.delete('state')
        else all.set('state', next)
        return all
      },
      { replace: true },
    )
  }
  return (
    <div className={styles.fill}>
      <StateLegend
        counts={rows.data?.states ?? detail.mapped?.states ?? {}}
        selected={new Set(state ? [state] : [])}
        onPick={pick}
      />
      <Table
        name="mapped"
        label={t('task.mapped', 'Mapped')}
        columns={COLUMNS}
        rows={rows.data?.tasks}
        total={rows.data?.total ?? 0}
        keyOf={(row) => String(row.map_index)}
        error={rows.error}
        onRetry={() => void rows.refetch()}
        hasMore={(rows.data?.total ?? 0) > (rows.data?.tasks.length ?? 0)}
        onMore={() => setLimit(limit + STEP)}
        onOpen={(row) => navigate(taskUrl({ ...place, mapIndex: row.map_index }))}
        narrow={(row) => (
          <span className={styles.narrowRow}>
            <span className={styles.narrowName}>
              {row.rendered_map_index ? `${row.map_index} · ${row.rendered_map_index}` : row.map_index}
            </span>
            <StateBadge state={row.state} />
            <span className="muted">{row.start !== null && <Duration start={row.start} end={row.end} />}</span>
          </span>
        )}
        empty={state === '' ? undefined : <FilteredEmpty onClear={() => pick('')} />}
      />
    </div>
  )
}
