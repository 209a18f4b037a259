/** The gantt of one run, its lanes in the order of the matrix. */
import { useMemo, useState } from 'react'
import { useGantt, useGraph, useGrid } from '../../../api/queries/dag'
import styles from '../../../charts/charts.module.css'
import { GanttChart, type Window } from '../../../charts/GanttChart'
import { GanttTable } from '../../../charts/GanttTable'
import { criticalPath, extent, type LaneTask, lanes as lanesOf } from '../../../charts/ganttModel'
import type { GridModel } from '../../../grid/model'
import { Button, IconButton } from '../../../kit/Button'
import { Checkbox } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Empty, ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { StateCell } from '../../../kit/StateBadge'
import { useNow, useZone } from '../../../kit/Time'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import page from '../dag.module.css'
import { useMatrixState } from '../matrixState'
import { RunPicker } from '../RunPicker'
import { useTimeText } from '../useWords'

const STATE = { gantt_run: '', critical: false, groups: true, as_table: false }

export default function Gantt() {
  const { dagId, active } = useDag()
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const [state, setState] = useUrlState(STATE)
  const model = grid.data
  const run = state.gantt_run || active?.run || model?.runs[model.cols - 1]?.id || null
  if (!model) return <Skeleton rows={10} />
  if (!run) return <Empty title={t('gantt.noRun', 'No run to show yet')} icon="clock" />
  return (
    <div className={page.body}>
      <div className={page.tools}>
        <RunPicker model={model} value={run} onChange={(gantt_run) => setState({ gantt_run })} />
        <Checkbox
          label={t('gantt.critical', 'Critical path')}
          checked={state.critical}
          onChange={(event) => setState({ critical: event.target.checked })}
        />
        <Checkbox
          label={t('gantt.groups', 'Groups')}
          checked={state.groups}
          onChange={(event) => setState({ groups: event.target.checked })}
        />
        <span className={page.spring} />
        <Checkbox
          label={t('chart.table', 'As table')}
          checked={state.as_table}
          onChange={(event) => setState({ as_table: event.target.checked })}
        />
      </div>
      <Chart
        key={run}
        model={model}
        run={run}
        isCritical={state.critical}
        hasGroups={state.groups}
        isTable={state.as_table}
      />
    </div>
  )
}

interface ChartProps {
  readonly model: GridModel
  readonly run: string
  readonly isCritical: boolean
  readonly hasGroups: boolean
  readonly isTable: boolean
}

function Chart({ model, run, isCritical, hasGroups, isTable }: ChartProps) {
  const { dagId, openTask } = useDag()
  const gantt = useGantt(dagId, run)
  const graph = useGraph(dagId, isCritical)
  const [window, setWindow] = useState<Window | null>(null)
  const timeText = useTimeText()
  const zone = useZone()
  const isOpen = gantt.data?.rows.some((row) => row.end === null && row.start !== null) ?? false
  const now = useNow(isOpen ? 1_000 : 60_000) / 1000
  const tasks = useMemo<LaneTask[]>(
    () =>
      model.tasks
        .filter((task) => hasGroups || !task.group)
        .map((task) => ({
          id: task.id,
          label: hasGroups ? task.label : task.id,
          depth: hasGroups ? task.depth : 0,
          isGroup: Boolean(task.group),
        })),
    [model.tasks, hasGroups],
  )
  const all = useMemo(() => lanesOf(tasks, gantt.data?.rows ?? [], now), [tasks, gantt.data, now])
  const whole = useMemo(() => extent(all), [all])
  const path = useMemo(
    () => (isCritical && graph.data ? new Set(criticalPath(all, graph.data.edges as never)) : null),
    [isCritical, graph.data, all],
  )
  if (gantt.error && !gantt.data) return <ErrorBox error={gantt.error} onRetry={() => void gantt.refetch()} />
  if (!gantt.data) return <Skeleton rows={10} />
  if (!whole) return <Empty title={t('gantt.nothing', 'Nothing of this run has begun')} icon="clock" />
  if (isTable) return <GanttTable lanes={all} timeText={timeText} />
  const shown = window ?? whole
  return (
    <div className={styles.chart}>
      <div className={styles.keys}>
        <span>
          <StateCell state="scheduled" size={12} /> {t('gantt.scheduled', 'scheduled')}
        </span>
        <span>
          <StateCell state="queued" size={12} /> {t('gantt.queued', 'queued')}
        </span>
        <span>{t('gantt.ran', 'bars in the colour of the state: ran')}</span>
        <span className={styles.spring} />
        <IconButton
          size="sm"
          icon="minus"
          disabled={window === null}
          label={t('chart.zoomOut', 'Zoom out (-)')}
          onClick={() => setWindow(zoomed(shown, 2))}
        />
        <IconButton
          size="sm"
          icon="plus"
          label={t('chart.zoomIn', 'Zoom in (+)')}
          onClick={() => setWindow(zoomed(shown, 0.5))}
        />
        {window && (
          <Button size="sm" onClick={() => setWindow(null)}>
            {t('chart.all', 'Whole run')}
          </Button>
        )}
      </div>
      <GanttChart
        label={t(
          'gantt.label',
          'Gantt of the run: up and down go through the tasks, left and right move, plus and minus zoom',
        )}
        lanes={all}
        whole={whole}
        window={shown}
        zone={zone}
        now={now}
        path={path}
        timeText={timeText}
        onWindow={(next) => setWindow(next.from <= whole.from && next.to >= whole.to ? null : next)}
        onOpen={(lane) => !lane.isGroup && openTask(run, lane.id)}
      />
    </div>
  )
}

function zoomed(window: Window, factor: number): Window {
  const middle = (window.from + window.to) / 2
  const half = ((window.to - window.from) / 2) * factor
  return { from: middle - half, to: middle + half }
}
