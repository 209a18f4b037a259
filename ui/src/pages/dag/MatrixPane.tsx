/** The left side of the DAG page: tools, the matrix (or its table), what is selected, and the legend. */

import { useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { get, seg, ui } from '../../api/client'
import { gridKey, useGraph, useGrid } from '../../api/queries/dag'
import { codeOf, stateOf } from '../../grid/codes'
import { Matrix } from '../../grid/Matrix'
import { MatrixTable } from '../../grid/MatrixTable'
import styles from '../../grid/matrix.module.css'
import { applyTimes, countStates, type GridModel, type TimesAnswer } from '../../grid/model'
import { isFiltering, neighbourhood, type RowFilter, visibleRows } from '../../grid/rows'
import { SelectionBar } from '../../grid/SelectionBar'
import { NOTHING, type Selected, type Selection, selectedCells, selectedRuns } from '../../grid/selection'
import { Button } from '../../kit/Button'
import { onFirstHand } from '../../kit/hands'
import { t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { Empty, ErrorBox, FilteredEmpty, Skeleton } from '../../kit/Placeholder'
import { StateLegend } from '../../kit/StateBadge'
import { remember, remembered } from '../../kit/store'
import { useNow } from '../../kit/Time'
import { type DagView, useDag } from './context'
import { MatrixTools } from './MatrixTools'
import { type MatrixState, useMatrixState } from './matrixState'
import { useLiveGrid } from './useLiveGrid'
import { useWords } from './useWords'

/** Above so many cells their times are not fetched for the tooltip: the drawer has them. */
const MOST_TIMES = 12_000

export function MatrixPane() {
  const view = useDag()
  const [state, setState] = useMatrixState()
  const grid = useGrid(view.dagId, state.runs)
  useLiveGrid(view.dagId, state.runs)
  if (grid.error && !grid.data) return <ErrorBox error={grid.error} onRetry={() => void grid.refetch()} />
  if (!grid.data) return <Skeleton rows={18} label={t('grid.loading', 'Loading the matrix')} />
  return <Loaded view={view} model={grid.data} state={state} setState={setState} />
}

interface LoadedProps {
  readonly view: DagView
  readonly model: GridModel
  readonly state: MatrixState
  setState(change: Partial<MatrixState>): void
}

function Loaded({ view, model, state, setState }: LoadedProps) {
  const { dagId } = view
  const navigate = useNavigate()
  const words = useWords()
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const [emphasis, setEmphasis] = useState<number | null>(null)
  const { closed, toggle, setAll } = useClosed(dagId, model)
  const filter = useFilter(dagId, state)
  const counts = useMemo(() => byState(model, model.tick), [model, model.tick])
  // The model is patched in place; its tick says so
  const rows = useMemo(
    () => visibleRows(model, closed, filter),
    [model, closed, filter, filter.failedOnly && model.tick],
  )
  const cols = useMemo(() => {
    const all = Int32Array.from({ length: model.cols }, (_, col) => col)
    return state.newest === 'left' ? all.reverse() : all
  }, [model.cols, state.newest])
  const isRunning = model.runs.some((run) => run.state === 'running')
  const now = useNow(isRunning ? 5_000 : 60_000) / 1000
  useTimes(dagId, model, state.runs)
  const clearFilters = () => setState({ q: '', failed: false, state: '', around: '' })
  const cellsOf = (cells: readonly Selected[]) =>
    cells.filter((cell) => !model.tasks[model.rowOf.get(cell.task) ?? -1]?.group)
  const act = actionsOf(
    view,
    (runs) => navigate(comparePath(dagId, runs)),
    cellsOf,
    () => setSelection(NOTHING),
  )
  const onKey = (event: KeyboardEvent, at: { task: string | null; run: string | null }) => {
    if (event.ctrlKey || event.metaKey) return
    const cells =
      selection.size > 0 ? selectedCells(selection) : at.task && at.run ? [{ task: at.task, run: at.run }] : []
    const runs = selection.size > 0 ? selectedRuns(selection) : !at.task && at.run ? [at.run] : []
    const key = event.key.toLowerCase()
    const verb = {
      r: () => act.onClear(cells, runs),
      s: () => act.onMark('success', cells, runs),
    }[key]
    const shifted = {
      c: () => act.onClear(cells, runs),
      f: () => act.onMark('failed', cells, runs),
    }[key]
    if (key === 'e') setAll()
    else if (event.shiftKey && shifted && view.may('c')) shifted()
    else if (verb && view.may('c')) verb()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  // The same keys as in the matrix, for a selection, wherever the focus is; the sheet of keys lists them.
  const onSelection = (run: (cells: Selected[], runs: string[]) => void) => () =>
    selection.size > 0 && view.may('c') && run(selectedCells(selection), selectedRuns(selection))
  const clear = onSelection((cells, runs) => act.onClear(cells, runs))
  const succeed = onSelection((cells, runs) => act.onMark('success', cells, runs))
  const fail = onSelection((cells, runs) => act.onMark('failed', cells, runs))
  const group = t('keys.matrix', 'Matrix')
  useKeys(
    [
      { keys: 'r', label: t('keys.clear', 'Clear what is selected'), group, run: clear },
      { keys: 'shift+c', label: t('keys.clear', 'Clear what is selected'), group, run: clear },
      { keys: 's', label: t('keys.success', 'Mark what is selected as success'), group, run: succeed },
      { keys: 'shift+s', label: t('keys.success', 'Mark what is selected as success'), group, run: succeed },
      { keys: 'shift+f', label: t('keys.failed', 'Mark what is selected as failed'), group, run: fail },
      { keys: 'e', label: t('keys.fold', 'Open or close all groups'), group, run: setAll },
    ],
    view.active === null,
  )
  if (model.cols === 0) {
    return (
      <Empty
        title={t('grid.noRuns', 'No run yet')}
        icon="grid"
        action={
          view.may('t') && (
            <Button icon="play" variant="primary" onClick={() => view.ask({ kind: 'trigger' })}>
              {t('dag.trigger', 'Trigger')}
            </Button>
          )
        }
      >
        {view.head?.paused
          ? t('grid.noRunsPaused', 'The DAG is paused: switch it on, or trigger a run.')
          : t('grid.noRunsText', 'Its runs will show here as columns.')}
      </Empty>
    )
  }
  const label = t('grid.label', 'Matrix of {dag}: tasks as rows, runs as columns', { dag: dagId })
  const isNothing = rows.length === 0
  return (
    <div className={styles.matrix}>
      <MatrixTools state={state} setState={setState} model={model} shown={rows.length} onFold={setAll} />
      {isNothing ? (
        <FilteredEmpty what={t('grid.nothing', 'No task matches these filters')} onClear={clearFilters} />
      ) : state.table ? (
        <MatrixTable
          model={model}
          rows={rows}
          cols={cols}
          words={words}
          label={label}
          onOpen={(task, run) => (task === null ? view.openRun(run) : view.openTask(run, task))}
        />
      ) : (
        <Matrix
          model={model}
          tick={model.tick}
          label={label}
          rows={rows}
          cols={cols}
          closed={isFiltering(filter) ? NO_GROUPS : closed}
          selection={selection}
          active={view.active}
          emphasis={emphasis ?? (state.state ? codeOf(state.state) : null)}
          words={words}
          now={now}
          onSelection={setSelection}
          onOpen={(task, run) => (task === null ? view.openRun(run) : view.openTask(run, task))}
          onTask={(task) => view.openTab('tasks', `task=${encodeURIComponent(task)}`)}
          onToggle={toggle}
          onKey={onKey}
        />
      )}
      {selection.size > 0 && <SelectionBar selection={selection} actions={act} />}
      <div className={styles.legend}>
        <StateLegend
          counts={counts}
          selected={state.state ? new Set([state.state]) : undefined}
          onHover={(one) => setEmphasis(one && codeOf(one))}
          onPick={(one) => setState({ state: state.state === one ? '' : one })}
        />
      </div>
    </div>
  )
}

const NO_GROUPS: ReadonlySet<string> = new Set()

function byState(model: GridModel, _tick: number): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [code, count] of countStates(model)) found[stateOf(code) ?? 'none'] = count
  return found
}

function comparePath(dagId: string, runs: readonly string[]): string {
  return `/dags/${seg(dagId)}/compare?a=${encodeURIComponent(runs[0] ?? '')}&b=${encodeURIComponent(runs[1] ?? '')}`
}

function actionsOf(
  view: DagView,
  onCompare: (runs: readonly string[]) => void,
  cellsOf: (cells: readonly Selected[]) => Selected[],
  onNothing: () => void,
) {
  return {
    mayEdit: view.may('c'),
    onClear: (cells: readonly Selected[], runs: readonly string[]) =>
      cells.length > 0
        ? view.ask({ kind: 'clear', cells: cellsOf(cells) })
        : runs.length > 0 && view.ask({ kind: 'runs', action: 'clear', runs }),
    onMark: (state: 'success' | 'failed', cells: readonly Selected[], runs: readonly string[]) =>
      cells.length > 0
        ? view.ask({ kind: 'mark', state, cells: cellsOf(cells) })
        : runs.length > 0 && view.ask({ kind: 'runs', action: state, runs }),
    onNote(cells: readonly Selected[], runs: readonly string[]) {
      const cell = cells[0]
      const run = cell?.run ?? runs[0]
      if (run) view.ask({ kind: 'note', run, task: cell?.task ?? null })
    },
    onLogs(cells: readonly Selected[]) {
      const [cell] = cellsOf(cells)
      if (!cell) return
      if (cells.length === 1) view.openTask(cell.run, cell.task)
      else
        view.openTab(
          'logs',
          cells.map((one) => `cell=${encodeURIComponent(JSON.stringify([one.run, one.task]))}`).join('&'),
        )
    },
    onCompare,
    onNothing,
  }
}

/** Groups that are closed, remembered by DAG. A DAG with very many rows begins with all of them closed. */
function useClosed(dagId: string, model: GridModel) {
  const key = `grid.closed.${dagId}`
  const groups = useMemo(() => model.tasks.filter((task) => task.group).map((task) => task.id), [model.tasks])
  const [closed, setClosed] = useState<ReadonlySet<string>>(
    () => new Set(remembered<string[]>(key, model.rows > 300 ? groups : [])),
  )
  const keep = useCallback(
    (next: Set<string>) => {
      setClosed(next)
      remember(key, [...next])
    },
    [key],
  )
  const toggle = (group: string) => {
    const next = new Set(closed)
    if (!next.delete(group)) next.add(group)
    keep(next)
  }
  const setAll = () => keep(new Set(closed.size === 0 ? groups : []))
  return { closed, toggle, setAll }
}

/** The filter of the URL; the graph is fetched only when rows around a task are asked for. */
function useFilter(dagId: string, state: MatrixState): RowFilter {
  const [task, direction] = splitAround(state.around)
  const graph = useGraph(dagId, task !== '')
  const edges = graph.data?.edges
  return useMemo(
    () => ({
      text: state.q,
      failedOnly: state.failed,
      code: state.state ? codeOf(state.state) : null,
      only: task && edges ? neighbourhood(task, edges as readonly (readonly [string, string])[], direction) : null,
    }),
    [state.q, state.failed, state.state, task, direction, edges],
  )
}

/** "up:load" as its parts. */
export function splitAround(around: string): [task: string, direction: 'up' | 'down' | 'both'] {
  const at = around.indexOf(':')
  const direction = around.slice(0, at)
  return [around.slice(at + 1), direction === 'up' || direction === 'down' ? direction : 'both']
}

/** When cells began and how long they took, for the tooltip: fetched when somebody moves a hand. */
function useTimes(dagId: string, model: GridModel, runs: number): void {
  const client = useQueryClient()
  const done = useRef('')
  const isSmall = model.rows * model.cols <= MOST_TIMES
  const which = `${runs} ${model.version} ${model.runs[model.cols - 1]?.id}`
  useEffect(() => {
    if (done.current === which || !isSmall) return
    return onFirstHand(() => {
      done.current = which
      get<TimesAnswer>(ui(`/dags/${seg(dagId)}/grid/times`), {
        query: { runs },
      }).then(
        (times) => {
          const latest = client.getQueryData<GridModel>(gridKey(dagId, runs))
          if (latest) applyTimes(latest, times)
        },
        // The tooltip does without: nothing else hangs on the times.
        () => undefined,
      )
    })
  }, [dagId, which, isSmall, runs, client])
}
