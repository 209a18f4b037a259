/** The task instances of a run, what failed first. */
import { useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import type { RunDetail, TaskRow } from '../../api/queries/drawers'
import { ClearDialog, MarkDialog } from '../../forms'
import { t } from '../../kit/i18n'
import { Empty } from '../../kit/Placeholder'
import { StateBadge, StateCell, StateLegend } from '../../kit/StateBadge'
import { severity, stateLabel, stateOf } from '../../kit/states'
import { type Column, Table } from '../../kit/Table'
import { Duration, Time } from '../../kit/Time'
import { mayEditTasks } from '../task/permissions'
import { taskUrl } from '../task/place'
import taskStyles from '../task/Task.module.css'

const nameOf = (row: TaskRow) => `${row.id}${row.map_index >= 0 ? ` [${row.map_index}]` : ''}`

const COLUMNS: readonly Column<TaskRow>[] = [
  {
    id: 'state',
    head: 'State',
    width: 142,
    sort: (row) => severity(row.state),
    cell: (row) => <StateBadge state={row.state} />,
    csv: (row) => row.state,
  },
  {
    id: 'task',
    head: 'Task',
    grow: 1,
    min: 140,
    fixed: true,
    sort: nameOf,
    cell: (row) => <span title={nameOf(row)}>{nameOf(row)}</span>,
  },
  { id: 'op', head: 'Operator', width: 152, hidden: true, sort: (row) => row.op, cell: (row) => row.op },
  { id: 'try', head: 'Try', width: 48, align: 'end', sort: (row) => row.try, cell: (row) => row.try || '' },
  {
    id: 'start',
    head: 'Start',
    width: 100,
    sort: (row) => row.start,
    cell: (row) => <Time at={row.start} mode="short" none="" />,
  },
  {
    id: 'took',
    head: 'Took',
    width: 78,
    align: 'end',
    descFirst: true,
    sort: (row) => (row.start === null ? null : (row.end ?? Number.MAX_SAFE_INTEGER) - row.start),
    cell: (row) => (row.start === null ? '' : <Duration start={row.start} end={row.end} />),
  },
]

export function TaskList({ dagId, runId, detail }: { dagId: string; runId: string; detail: RunDetail }) {
  const navigate = useNavigate()
  const location = useLocation()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [dialog, setDialog] = useState<{ kind: 'clear' | 'success'; row: TaskRow } | null>(null)
  const counts = detail.states
  const rows = picked.size === 0 ? detail.tasks : detail.tasks.filter((row) => picked.has(stateOf(row.state)))
  const urlOf = (row: TaskRow) => taskUrl({ dagId, runId, taskId: row.id, mapIndex: row.map_index })
  const toggle = (state: string) => {
    const next = new Set(picked)
    if (!next.delete(state)) next.add(state)
    setPicked(next)
  }
  const may = mayEditTasks(dagId)
  return (
    <div className={taskStyles.fill}>
      {detail.run.note && <p className={taskStyles.note}>{detail.run.note}</p>}
      <StateLegend counts={counts} selected={picked} onPick={toggle} />
      <Table
        name="run-tasks"
        label={t('run.tasks', 'Tasks')}
        columns={COLUMNS}
        rows={rows}
        total={picked.size === 0 ? detail.total : rows.length}
        keyOf={(row) => `${row.id} ${row.map_index}`}
        onOpen={(row) => navigate(urlOf(row), { state: { ...location.state, rows: rows.map(urlOf) } })}
        rowKeys={
          may
            ? [
                {
                  keys: 'r',
                  label: t('keys.retry', 'Clear: run again'),
                  run: (row) => setDialog({ kind: 'clear', row }),
                },
                {
                  keys: 's',
                  label: t('keys.success', 'Mark as success'),
                  run: (row) => setDialog({ kind: 'success', row }),
                },
              ]
            : []
        }
        narrow={(row) => <NarrowRow row={row} />}
        empty={
          <Empty title={t('run.noTasks', 'No tasks')} icon="task">
            {t('run.noTasksHint', 'The DAG had no task when this run was made.')}
          </Empty>
        }
      />
      {dialog !== null && <RowDialog dagId={dagId} runId={runId} {...dialog} onClose={() => setDialog(null)} />}
    </div>
  )
}

/** Two lines: what and its state; when and how long. */
function NarrowRow({ row }: { row: TaskRow }) {
  return (
    <span className={taskStyles.narrow}>
      <StateCell state={row.state} label={stateLabel(row.state)} />
      <span className="truncate">{nameOf(row)}</span>
      <span className="muted">{row.start === null ? '' : <Duration start={row.start} end={row.end} />}</span>
    </span>
  )
}

function RowDialog(props: {
  dagId: string
  runId: string
  kind: 'clear' | 'success'
  row: TaskRow
  onClose: () => void
}) {
  const { row } = props
  const target = {
    instances: [
      {
        dag_id: props.dagId,
        dag_run_id: props.runId,
        task_id: row.id,
        ...(row.map_index >= 0 && { map_index: row.map_index }),
      },
    ],
  }
  return props.kind === 'clear' ? (
    <ClearDialog target={target} onClose={props.onClose} />
  ) : (
    <MarkDialog target={target} state="success" onClose={props.onClose} />
  )
}
