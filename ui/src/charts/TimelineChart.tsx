/** The runs of all DAGs over time on a canvas, with the planned ones as open marks beyond the line of now. */
import { type KeyboardEvent, useState } from 'react'
import { stateLabel } from '../kit/states'
import { duration } from '../kit/time'
import { CanvasList, type Point } from './CanvasList'
import { drawTimeline, TIMELINE } from './drawTimeline'
import type { Window } from './GanttChart'
import { pan, type TimeScale, timeAt, xOf, zoom } from './scale'
import { type Lane, type LaneHead, type LaneRun, LINE, rowAt, tops } from './timelineModel'

export interface TimelineChartProps {
  readonly label: string
  readonly rows: readonly (Lane | LaneHead)[]
  readonly window: Window
  readonly limits: Window
  readonly zone: string
  readonly now: number
  readonly busy: boolean
  timeText(at: number): string
  onWindow(window: Window): void
  onOpen(dagId: string, run: string | null): void
}

interface Hit {
  readonly index: number
  readonly lane: Lane
  readonly run: LaneRun | null
  readonly planned: number | null
}

function scaleOf(window: Window, width: number): TimeScale {
  const names = TIMELINE.namesOf(width)
  return { ...window, left: names, width: Math.max(40, width - names - 12) }
}

function hit(rows: TimelineChartProps['rows'], edges: readonly number[], window: Window, point: Point): Hit | null {
  if (point.y < 0 || point.y >= (edges[edges.length - 1] as number)) return null
  const index = rowAt(edges, point.y)
  const lane = rows[index]
  if (!lane || lane.kind === 'head') return null
  const scale = scaleOf(window, point.width)
  if (point.x < scale.left) return { index, lane, run: null, planned: null }
  const line = Math.floor((point.y - (edges[index] as number) - 4) / LINE)
  const near = (run: LaneRun) =>
    point.x >= xOf(scale, run.from) - 2 && point.x <= Math.max(xOf(scale, run.to), xOf(scale, run.from) + 4) + 2
  const run = lane.runs.find((one) => one.line === Math.max(0, Math.min(lane.lines - 1, line)) && near(one)) ?? null
  const planned = run ? null : (lane.planned.find((at) => Math.abs(xOf(scale, at) - point.x) < 6) ?? null)
  return { index, lane, run, planned }
}

export function TimelineChart(props: TimelineChartProps) {
  const { rows, window, limits } = props
  const [hover, setHover] = useState<Hit | null>(null)
  const [picked, setPicked] = useState(0)
  const edges = tops(rows, TIMELINE.row)
  const bounds = { ...limits, least: 300 }
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const span = window.to - window.from
    const lane = rows[index]
    const runs = lane?.kind === 'lane' ? lane.runs.length : 0
    if (event.key === '+' || event.key === '=') props.onWindow(zoom(window, window.from + span / 2, 0.67, bounds))
    else if (event.key === '-') props.onWindow(zoom(window, window.from + span / 2, 1.5, bounds))
    else if (event.key === 'ArrowLeft') setPicked((old) => Math.min(old + 1, Math.max(0, runs - 1)))
    else if (event.key === 'ArrowRight') setPicked((old) => Math.max(0, old - 1))
    else return false
    return true
  }
  // The active run is counted from the newest, so that Enter on a fresh lane opens what happened last.
  const runOf = (index: number): LaneRun | null => {
    const lane = rows[index]
    return lane?.kind === 'lane' ? (lane.runs[lane.runs.length - 1 - picked] ?? null) : null
  }
  return (
    <CanvasList
      label={props.label}
      count={rows.length}
      height={edges[edges.length - 1] as number}
      head={TIMELINE.head}
      busy={props.busy}
      draw={(ctx, size, theme, scrollY, active) =>
        drawTimeline(ctx, size, theme, {
          rows,
          edges,
          scale: scaleOf(window, size.width),
          scrollY,
          zone: props.zone,
          now: props.now,
          hover: hover?.index ?? null,
          active,
          activeRun: active === null ? null : (runOf(active)?.id ?? null),
        })
      }
      textOf={(index) => rowText(rows[index], runOf(index), props.timeText)}
      spanOf={(index) => [edges[index] as number, edges[index + 1] as number]}
      onEnter={(index) => {
        const lane = rows[index]
        if (lane?.kind === 'lane') props.onOpen(lane.dagId, runOf(index)?.id ?? null)
      }}
      onKey={onKey}
      onPoint={(point) => setHover(point && hit(rows, edges, window, point))}
      onPress={(point) => {
        const found = hit(rows, edges, window, point)
        if (found && (found.run || point.x < TIMELINE.namesOf(point.width)))
          props.onOpen(found.lane.dagId, found.run?.id ?? null)
      }}
      onDrag={(from, to, isDone) => {
        if (isDone || from.x < TIMELINE.namesOf(from.width)) return
        const scale = scaleOf(window, from.width)
        props.onWindow(pan(window, (timeAt(scale, from.x) - timeAt(scale, to.x)) * 0.25, limits))
      }}
      onZoom={(point, factor) =>
        props.onWindow(zoom(window, timeAt(scaleOf(window, point.width), point.x), factor, bounds))
      }
      tip={hover && (hover.run || hover.planned) && <Tip found={hover} timeText={props.timeText} />}
    />
  )
}

function Tip({ found, timeText }: { found: Hit; timeText(at: number): string }) {
  const { run, planned } = found
  return (
    <>
      <strong>{found.lane.dagId}</strong>
      {run && (
        <>
          <div>{stateLabel(run.state)}</div>
          <dl>
            <dt>Run</dt>
            <dd>{run.id}</dd>
            <dt>Started</dt>
            <dd>{timeText(run.from)}</dd>
            <dt>Took</dt>
            <dd>{duration(run.to - run.from)}</dd>
          </dl>
        </>
      )}
      {planned !== null && <div>Planned for {timeText(planned)}</div>}
    </>
  )
}

function rowText(row: Lane | LaneHead | undefined, run: LaneRun | null, timeText: (at: number) => string): string {
  if (!row) return ''
  if (row.kind === 'head') return `${row.label}, ${row.count} DAGs`
  const counts = `${row.runs.length} runs, ${row.failed} failed, ${row.planned.length} planned`
  return `${row.dagId}, ${counts}${run ? `; run ${timeText(run.from)}, ${stateLabel(run.state)}, took ${duration(run.to - run.from)}` : ''}`
}
