/** The gantt of one run on a canvas: lanes of tasks, time across, waiting in pale and running in the state's colour. */
import { type KeyboardEvent, useState } from 'react'
import { stateLabel } from '../kit/states'
import { duration } from '../kit/time'
import { CanvasList, type Point } from './CanvasList'
import { drawGantt, GANTT, partAt } from './drawGantt'
import type { GanttLane, Part } from './ganttModel'
import { pan, type TimeScale, timeAt, zoom } from './scale'

export interface Window {
  readonly from: number
  readonly to: number
}

export interface GanttChartProps {
  readonly label: string
  readonly lanes: readonly GanttLane[]
  readonly whole: Window
  readonly window: Window
  readonly zone: string
  readonly now: number
  /** Ids on the critical path; null: it is not shown. */
  readonly path: ReadonlySet<string> | null
  timeText(at: number): string
  onWindow(window: Window): void
  onOpen(lane: GanttLane): void
}

const PART: Readonly<Record<Part['kind'], string>> = {
  scheduled: 'Scheduled',
  queued: 'Queued',
  run: 'Ran',
}

/** Where time lies across a width. */
export function scaleOf(window: Window, width: number): TimeScale {
  const names = GANTT.namesOf(width)
  return { ...window, left: names, width: Math.max(40, width - names - 12) }
}

export function GanttChart(props: GanttChartProps) {
  const { lanes, whole, window } = props
  const [hover, setHover] = useState<{
    lane: GanttLane
    part: Part | null
    index: number
  } | null>(null)
  const limits = { ...whole, least: 1 }
  const spot = (point: Point) => {
    const index = Math.floor(point.y / GANTT.row)
    const lane = point.y < 0 ? undefined : lanes[index]
    return (
      lane && {
        lane,
        index,
        part: partAt(lane, scaleOf(window, point.width), point.x),
      }
    )
  }
  const onKey = (event: KeyboardEvent): boolean => {
    const span = window.to - window.from
    const middle = window.from + span / 2
    if (event.key === '+' || event.key === '=') props.onWindow(zoom(window, middle, 0.67, limits))
    else if (event.key === '-') props.onWindow(zoom(window, middle, 1.5, limits))
    else if (event.key === '0') props.onWindow(whole)
    else if (event.key === 'ArrowLeft') props.onWindow(pan(window, -span / 8, limits))
    else if (event.key === 'ArrowRight') props.onWindow(pan(window, span / 8, limits))
    else return false
    return true
  }
  return (
    <CanvasList
      label={props.label}
      count={lanes.length}
      height={lanes.length * GANTT.row}
      head={GANTT.head}
      draw={(ctx, size, theme, scrollY, active) =>
        drawGantt(ctx, size, theme, {
          lanes,
          scale: scaleOf(window, size.width),
          scrollY,
          zone: props.zone,
          now: props.now,
          path: props.path,
          hover: hover?.index ?? null,
          active,
        })
      }
      textOf={(index) => laneText(lanes[index], props.timeText)}
      spanOf={(index) => [index * GANTT.row, (index + 1) * GANTT.row]}
      onEnter={(index) => lanes[index] && props.onOpen(lanes[index])}
      onKey={onKey}
      onPoint={(point) => setHover((point && spot(point)) ?? null)}
      onPress={(point) => {
        const found = spot(point)
        if (found) props.onOpen(found.lane)
      }}
      onDrag={(from, to, isDone) => {
        if (isDone || from.x < GANTT.namesOf(from.width)) return
        const scale = scaleOf(window, from.width)
        props.onWindow(pan(window, (timeAt(scale, from.x) - timeAt(scale, to.x)) * 0.25, limits))
      }}
      onZoom={(point, factor) =>
        props.onWindow(zoom(window, timeAt(scaleOf(window, point.width), point.x), factor, limits))
      }
      tip={hover && <Tip lane={hover.lane} part={hover.part} timeText={props.timeText} />}
    />
  )
}

function Tip({ lane, part, timeText }: { lane: GanttLane; part: Part | null; timeText(at: number): string }) {
  return (
    <>
      <strong>{lane.label}</strong>
      <div>
        {stateLabel(lane.state)}
        {lane.instances > 1 && `, ${lane.instances} instances`}
      </div>
      {part && (
        <dl>
          <dt>{PART[part.kind]}</dt>
          <dd>{duration(part.to - part.from)}</dd>
          <dt>From</dt>
          <dd>{timeText(part.from)}</dd>
          <dt>To</dt>
          <dd>{part.isOpen ? 'still going on' : timeText(part.to)}</dd>
          {part.tryNumber > 1 && (
            <>
              <dt>Try</dt>
              <dd>{part.tryNumber}</dd>
            </>
          )}
        </dl>
      )}
    </>
  )
}

function laneText(lane: GanttLane | undefined, timeText: (at: number) => string): string {
  if (!lane) return ''
  const ran = lane.parts.filter((part) => part.kind === 'run').reduce((sum, part) => sum + part.to - part.from, 0)
  const waited = lane.parts.filter((part) => part.kind !== 'run').reduce((sum, part) => sum + part.to - part.from, 0)
  const times =
    lane.from === null ? 'not started' : `from ${timeText(lane.from)}, waited ${duration(waited)}, ran ${duration(ran)}`
  return `${lane.label}, ${stateLabel(lane.state)}, ${times}`
}
