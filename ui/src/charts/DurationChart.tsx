/** Bars of durations by uPlot: waiting and running stacked, the median and the 95th percentile as lines, a brush. */
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { stateLabel } from '../kit/states'
import { duration } from '../kit/time'
import { tipStyle } from './CanvasList'
import styles from './charts.module.css'
import type { Bar, Chart } from './durationsModel'
import { axisDuration, durationTicks } from './scale'
import { type Theme, useTheme } from './theme'

export interface DurationChartProps {
  readonly label: string
  readonly chart: Chart
  readonly height: number
  timeText(at: number): string
  onOpen(run: string): void
}

const MUTE = 'transparent'
/** At the right of the bars: room for the words of the lines. */
const LABELS = 64

function options(
  props: DurationChartProps,
  theme: Theme,
  width: number,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const { bars } = props.chart
  const colors = bars.map((bar) => theme.look(bar.state).fill)
  const inks = bars.map((bar) => theme.look(bar.state).ink)
  const disp = (values: string[]) => ({
    unit: 3 as const,
    values: () => values,
  })
  const axis = {
    stroke: theme.muted,
    font: `11px ${theme.font}`,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height: props.height,
    legend: { show: false },
    padding: [8, LABELS, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    scales: {
      x: { time: false, range: (_u, min, max) => [min - 0.6, max + 0.6] },
      y: { range: (_u, _min, max) => [0, Math.max(1, max) * 1.05] },
    },
    series: [
      {},
      {
        paths: uPlot.paths.bars?.({
          size: [0.75, 40, 2],
          disp: { fill: disp(colors), stroke: disp(inks) },
        } as uPlot.Series.BarsPathBuilderOpts),
        fill: MUTE,
        stroke: MUTE,
        width: 1,
        points: { show: false },
      },
      {
        paths: uPlot.paths.bars?.({ size: [0.75, 40, 2] }),
        fill: theme.look('queued').fill,
        stroke: theme.background,
        width: 1,
        points: { show: false },
      },
    ],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 84,
        incrs: [1, 2, 5, 10, 20, 50, 100],
        values: (_u, splits) => splits.map((at) => (bars[at] ? props.timeText(bars[at].at) : '')),
      },
      {
        ...axis,
        size: 58,
        splits: (_u, _axis, _min, max) => durationTicks(max, 4),
        values: (_u, splits) => splits.map((at) => axisDuration(duration(at))),
      },
    ],
    hooks: {
      draw: [(plot) => drawLines(plot, props.chart, theme)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  }
}

function drawLines(plot: uPlot, chart: Chart, theme: Theme): void {
  const { ctx } = plot
  const ratio = devicePixelRatio || 1
  const lines = [
    [chart.median, 'median', [6, 4]],
    [chart.p95, 'p95', [2, 3]],
  ] as const
  const right = plot.bbox.left + plot.bbox.width
  const isClose =
    chart.median !== null &&
    chart.p95 !== null &&
    Math.abs(plot.valToPos(chart.median, 'y', true) - plot.valToPos(chart.p95, 'y', true)) < 26 * ratio
  ctx.save()
  for (const [value, name, dash] of lines) {
    if (value === null) continue
    const y = Math.round(plot.valToPos(value, 'y', true))
    ctx.strokeStyle = theme.text
    ctx.fillStyle = theme.text
    ctx.globalAlpha = 0.8
    ctx.lineWidth = ratio
    ctx.setLineDash(dash.map((one) => one * ratio))
    ctx.beginPath()
    ctx.moveTo(plot.bbox.left, y)
    ctx.lineTo(right + 4 * ratio, y)
    ctx.stroke()
    ctx.globalAlpha = 1
    // Beside the bars and not on them; the upper's words go up when both are at one height.
    const middle = isClose ? y + (name === 'p95' ? -13 : 13) * ratio : y
    ctx.textAlign = 'left'
    ctx.textBaseline = 'middle'
    ctx.font = `${11 * ratio}px ${theme.font}`
    ctx.fillStyle = theme.muted
    ctx.fillText(name, right + 8 * ratio, middle - 6 * ratio)
    ctx.fillStyle = theme.text
    ctx.fillText(duration(value), right + 8 * ratio, middle + 7 * ratio)
  }
  ctx.restore()
}

/** Total and waiting: the second bar is drawn over the foot of the first. */
function columns(bars: readonly Bar[]): uPlot.AlignedData {
  return [
    bars.map((_, at) => at),
    bars.map((bar) => (bar.duration === null ? null : bar.duration + (bar.queue ?? 0))),
    bars.map((bar) => (bar.duration === null ? null : bar.queue)),
  ] as uPlot.AlignedData
}

export function DurationChart(props: DurationChartProps) {
  const { bars } = props.chart
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const theme = useTheme()
  const id = useId()
  const [at, setAt] = useState<number | null>(null)
  const [mouse, setMouse] = useState<{ x: number; y: number } | null>(null)
  const active = Math.min(at ?? bars.length - 1, bars.length - 1)

  // The plot is made anew for other data or colours only
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(options(latest.current, theme, element.clientWidth, setAt), columns(bars), element)
    plot.current = made
    return () => {
      made.destroy()
      plot.current = null
    }
  }, [bars, theme, props.height])
  useEffect(() => {
    const element = place.current
    if (!element) return
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({
        width: element.clientWidth,
        height: latest.current.height,
      }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const by: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: -bars.length,
      End: bars.length,
    }
    const move = by[event.key]
    if (event.key === 'Enter' && bars[active]) props.onOpen(bars[active].run)
    else if (event.key === 'Escape') plot.current?.setScale('x', { min: 0, max: bars.length - 1 })
    else if (move === undefined) return
    else {
      const next = Math.max(0, Math.min(bars.length - 1, active + move))
      plot.current?.setCursor({
        left: plot.current.valToPos(next, 'x'),
        top: 10,
      })
      setAt(next)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const bar = at === null ? undefined : bars[at]
  return (
    <>
      <div
        role="listbox"
        tabIndex={0}
        aria-label={props.label}
        aria-activedescendant={bars.length > 0 ? `${id}one` : undefined}
        className={styles.plot}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setMouse({ x: event.clientX, y: event.clientY })}
        onPointerLeave={() => setMouse(null)}
        onClick={() => {
          // A brush ends with a click too: then something is selected.
          if (bar && (plot.current?.select.width ?? 0) === 0) props.onOpen(bar.run)
        }}
      >
        <div ref={place} aria-hidden="true" style={{ height: props.height }} />
        {bars[active] && (
          <span
            className="visually-hidden"
            role="option"
            tabIndex={-1}
            id={`${id}one`}
            aria-selected={false}
            aria-posinset={active + 1}
            aria-setsize={bars.length}
          >
            {barText(bars[active], props.timeText)}
          </span>
        )}
      </div>
      {mouse && bar && (
        <div className={styles.tip} aria-hidden="true" style={tipStyle(mouse)}>
          <strong>{props.timeText(bar.at)}</strong>
          <div>{stateLabel(bar.state)}</div>
          <dl>
            {bar.queue !== null && (
              <>
                <dt>Queued</dt>
                <dd>{duration(bar.queue)}</dd>
              </>
            )}
            <dt>Took</dt>
            <dd>{bar.duration === null ? '–' : duration(bar.duration)}</dd>
            {bar.tries > 1 && (
              <>
                <dt>Tries</dt>
                <dd>{bar.tries}</dd>
              </>
            )}
          </dl>
        </div>
      )}
    </>
  )
}

function barText(bar: Bar, timeText: (at: number) => string): string {
  const waited = bar.queue === null ? '' : `queued ${duration(bar.queue)}, `
  return `${timeText(bar.at)}, ${stateLabel(bar.state)}, ${waited}took ${bar.duration === null ? 'unknown' : duration(bar.duration)}`
}
