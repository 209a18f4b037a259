/** The tasks of the DAG: what each one is, how its last runs went, and the matrix around one of them. */
import { useMemo } from 'react'
import { type TaskDetails, useGrid, useTasks } from '../../../api/queries/dag'
import { stateOf } from '../../../grid/codes'
import { cellCode, type GridModel, type GridTask } from '../../../grid/model'
import { Button } from '../../../kit/Button'
import { SearchInput } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Facts, Panel } from '../../../kit/Page'
import { FilteredEmpty, Skeleton } from '../../../kit/Placeholder'
import { StateCell, StateStrip } from '../../../kit/StateBadge'
import { stateLabel } from '../../../kit/states'
import { type Column, Table } from '../../../kit/Table'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'

const STATE = { task: '', task_q: '' }

interface Row {
  readonly task: GridTask
  readonly details: TaskDetails | undefined
  readonly strip: string
  readonly last: string | undefined
}

function rowsOf(model: GridModel, details: ReadonlyMap<string, TaskDetails>): Row[] {
  const found: Row[] = []
  model.tasks.forEach((task, row) => {
    if (task.group) return
    const codes = Array.from({ length: model.cols }, (_, col) => cellCode(model, row, col))
    const strip = codes.map((code) => (stateOf(code) ? String.fromCharCode(code) : 'n')).join('')
    found.push({
      task,
      details: details.get(task.id),
      strip,
      last: stateOf(codes[codes.length - 1] ?? 0),
    })
  })
  return found
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'last',
    head: 'Last',
    width: 52,
    quietHead: true,
    cell: (row) => <StateCell state={row.last} label={stateLabel(row.last)} />,
    sort: (row) => row.last,
  },
  {
    id: 'task',
    head: 'Task',
    grow: 1,
    min: 160,
    fixed: true,
    cell: (row) => (
      <span className="truncate" title={row.task.id}>
        {row.task.id}
      </span>
    ),
    sort: (row) => row.task.id,
  },
  {
    id: 'op',
    head: 'Operator',
    width: 150,
    cell: (row) => row.task.op,
    sort: (row) => row.task.op,
  },
  {
    id: 'strip',
    head: 'Last runs',
    width: 176,
    cell: (row) => <StateStrip strip={row.strip} />,
  },
  {
    id: 'rule',
    head: 'Trigger rule',
    width: 110,
    hidden: true,
    cell: (row) => row.details?.trigger_rule,
    sort: (row) => row.details?.trigger_rule,
  },
  {
    id: 'pool',
    head: 'Pool',
    width: 110,
    hidden: true,
    cell: (row) => row.details?.pool,
    sort: (row) => row.details?.pool,
  },
  {
    id: 'retries',
    head: 'Retries',
    width: 70,
    hidden: true,
    align: 'end',
    cell: (row) => row.details?.retries,
    sort: (row) => row.details?.retries,
  },
]

export default function Tasks() {
  const { dagId } = useDag()
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const tasks = useTasks(dagId)
  const [state, setState] = useUrlState(STATE)
  const model = grid.data
  const rows = useMemo(() => {
    const details = new Map(tasks.data?.tasks.map((task) => [task.task_id, task]))
    return model && rowsOf(model, details)
  }, [model, tasks.data])
  const shown = useMemo(() => {
    const words = state.task_q.toLowerCase().split(/\s+/).filter(Boolean)
    return rows?.filter((row) => words.every((word) => `${row.task.id} ${row.task.op}`.toLowerCase().includes(word)))
  }, [rows, state.task_q])
  if (!model) return <Skeleton rows={10} />
  const chosen = rows?.find((row) => row.task.id === state.task)
  return (
    <div className={styles.body}>
      {chosen && <Chosen row={chosen} model={model} onClose={() => setState({ task: '' })} />}
      <Table
        name="dag.tasks"
        label={t('tasks.of', 'Tasks of {dag}', { dag: dagId })}
        columns={COLUMNS}
        rows={shown}
        keyOf={(row) => row.task.id}
        onOpen={(row) => setState({ task: row.task.id })}
        openKey={state.task || null}
        tools={
          <SearchInput
            value={state.task_q}
            onChange={(task_q) => setState({ task_q })}
            label={t('tasks.filter', 'Filter')}
          />
        }
        narrow={(row) => (
          <div>
            <div className="truncate">
              <StateCell state={row.last} label={stateLabel(row.last)} /> {row.task.id}
            </div>
            <div className="muted">{row.task.op}</div>
          </div>
        )}
        empty={<FilteredEmpty onClear={() => setState({ task_q: '' })} />}
      />
    </div>
  )
}

function Chosen({ row, model, onClose }: { row: Row; model: GridModel; onClose: () => void }) {
  const { openTask, openTab } = useDag()
  const [matrix, setMatrix] = useMatrixState()
  const { details, task } = row
  const lastRun = model.runs[model.cols - 1]?.id
  const around = (direction: string) => setMatrix({ around: `${direction}:${task.id}` })
  return (
    <Panel
      title={task.id}
      actions={
        <Button size="sm" variant="ghost" icon="close" onClick={onClose}>
          {t('close', 'Close')}
        </Button>
      }
    >
      <div className={styles.tools}>
        <Button size="sm" onClick={() => around('up')}>
          {t('tasks.up', 'Show what comes before')}
        </Button>
        <Button size="sm" onClick={() => around('down')}>
          {t('tasks.down', 'Show what comes after')}
        </Button>
        {matrix.around && (
          <Button size="sm" onClick={() => setMatrix({ around: '' })}>
            {t('tasks.all', 'Show all tasks')}
          </Button>
        )}
        <Button size="sm" onClick={() => openTab('durations', `dur_task=${encodeURIComponent(task.id)}`)}>
          {t('tasks.durations', 'Durations')}
        </Button>
        <Button size="sm" onClick={() => openTab('code', `find=${encodeURIComponent(task.id)}`)}>
          {t('tasks.code', 'Code')}
        </Button>
        {lastRun && (
          <Button size="sm" onClick={() => openTask(lastRun, task.id)}>
            {t('tasks.last', 'Last instance')}
          </Button>
        )}
      </div>
      <Facts
        facts={[
          [t('tasks.operator', 'Operator'), task.op],
          details?.trigger_rule ? [t('tasks.rule', 'Trigger rule'), details.trigger_rule] : null,
          details?.pool ? [t('tasks.pool', 'Pool'), details.pool] : null,
          details?.retries != null ? [t('tasks.retries', 'Retries'), details.retries] : null,
          details?.owner ? [t('tasks.owner', 'Owner'), details.owner] : null,
          details?.downstream_task_ids?.length
            ? [t('tasks.next', 'Followed by'), details.downstream_task_ids.join(', ')]
            : null,
        ]}
      />
    </Panel>
  )
}
