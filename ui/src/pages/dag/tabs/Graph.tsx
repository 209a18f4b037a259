/** The DAG as a graph, with the states of one run on it. */
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { seg } from '../../../api/client'
import { useGraph, useGrid } from '../../../api/queries/dag'
import { GraphView } from '../../../graph/GraphView'
import { betterDirection } from '../../../graph/model'
import type { NodeStatus } from '../../../graph/scene'
import { stateOf } from '../../../grid/codes'
import { cellCode, countsAt, type GridModel } from '../../../grid/model'
import { t } from '../../../kit/i18n'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'
import { RunPicker } from '../RunPicker'
import { useNarrow } from '../Split'

/** Of the window's height, by what stands above and below the graph. */
const TAKEN = 260
const STATE = { graph_run: '', dir: '', around_node: '', as_table: false }

/** What a run's column of the matrix says of a task or a group. */
function statusIn(model: GridModel, run: string | null, id: string): NodeStatus | null {
  const col = run === null ? undefined : model.colOf.get(run)
  const row = model.rowOf.get(id)
  if (col === undefined || row === undefined) return null
  const state = stateOf(cellCode(model, row, col))
  if (!state) return null
  const counts = countsAt(model, row, col) ?? null
  return { state, tries: model.tries.get(row * model.cols + col) ?? 1, counts }
}

export default function Graph() {
  const { dagId, active, openTask, openTab } = useDag()
  const navigate = useNavigate()
  const isNarrow = useNarrow()
  const [state, setState] = useUrlState(STATE)
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const graph = useGraph(dagId)
  const model = grid.data
  const run = state.graph_run || active?.run || model?.runs[model.cols - 1]?.id || null
  const better = useMemo(
    () =>
      graph.data
        ? betterDirection(graph.data, innerWidth * (isNarrow ? 1 : 0.42), innerHeight - TAKEN)
        : ('TB' as const),
    [graph.data, isNarrow],
  )
  const statusOf = useMemo(() => (id: string) => (model ? statusIn(model, run, id) : null), [model, run])
  if (graph.error && !graph.data) return <ErrorBox error={graph.error} onRetry={() => void graph.refetch()} />
  if (!graph.data) return <Skeleton rows={12} />
  const open = (id: string) => {
    const node = graph.data.nodes.find((one) => one.id === id)
    if (node?.type === 'dag' || node?.type === 'sensor' || node?.type === 'trigger')
      navigate(`/dags/${seg(node.label)}`)
    else if (node?.type === 'asset')
      navigate(node.asset_id ? `/assets/${node.asset_id}` : `/assets?q=${encodeURIComponent(node.label)}`)
    else if (run && statusOf(id)) openTask(run, id)
    else openTab('tasks', `task=${encodeURIComponent(id)}`)
  }
  return (
    <div className={styles.body}>
      <GraphView
        answer={graph.data}
        cacheKey={`${dagId} ${graph.data.version ?? ''}`}
        label={t('graph.label', 'Graph of {dag}', { dag: dagId })}
        direction={state.dir === 'TB' || state.dir === 'LR' ? state.dir : better}
        onDirection={(dir) => setState({ dir })}
        focus={state.around_node}
        onFocus={(around_node) => setState({ around_node })}
        isTable={state.as_table}
        onTable={(as_table) => setState({ as_table })}
        statusOf={statusOf}
        statusKey={statusOf}
        onOpen={open}
        tools={
          model && run && <RunPicker model={model} value={run} onChange={(graph_run) => setState({ graph_run })} />
        }
      />
    </div>
  )
}
