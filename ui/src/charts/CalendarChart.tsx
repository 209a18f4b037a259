/** The calendar on a canvas: days by state, planned days hatched; a day is opened, a range is drawn by dragging. */
import { type KeyboardEvent, useState } from 'react'
import { CanvasList, type Point } from './CanvasList'
import { addDays, type DayCell, dayText, inOrder } from './calendarModel'
import { calendarLayout, cellAt, dayAt, drawCalendar } from './drawCalendar'

export interface CalendarChartProps {
  readonly label: string
  readonly isYear: boolean
  readonly cells: readonly DayCell[]
  readonly today: string
  onDay(date: string): void
  /** Null: ranges cannot be drawn. */
  readonly onRange: ((from: string, to: string) => void) | null
}

export function CalendarChart(props: CalendarChartProps) {
  const { cells, isYear } = props
  const [width, setWidth] = useState(800)
  const [hover, setHover] = useState<DayCell | null>(null)
  const [range, setRange] = useState<{ from: string; to: string } | null>(null)
  const [anchor, setAnchor] = useState<string | null>(null)
  const at = (point: Point) => dayAt(calendarLayout(isYear, point.width, cells), cells, point.x, point.y)
  const step = (key: string, index: number): number | null => {
    const by: Record<string, number> = isYear
      ? {
          ArrowUp: -1,
          ArrowDown: 1,
          ArrowLeft: -7,
          ArrowRight: 7,
          Home: -400,
          End: 400,
          PageUp: -28,
          PageDown: 28,
        }
      : {
          ArrowUp: -7,
          ArrowDown: 7,
          ArrowLeft: -1,
          ArrowRight: 1,
          Home: -40,
          End: 40,
        }
    const move = by[key]
    return move === undefined ? null : Math.max(0, Math.min(cells.length - 1, index + move))
  }
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const here = cells[index]?.date
    if (!here) return false
    if (event.key === 'Escape' && range) {
      setRange(null)
      setAnchor(null)
      return true
    }
    if (event.key === 'b' && props.onRange) {
      const wanted = range ?? { from: here, to: here }
      props.onRange(wanted.from, wanted.to)
      return true
    }
    const next = event.shiftKey ? step(event.key, index) : null
    if (next === null || !props.onRange) return false
    const from = anchor ?? here
    setAnchor(from)
    setRange(inOrder(from, (cells[next] as DayCell).date))
    return false
  }
  return (
    <CanvasList
      label={props.label}
      count={cells.length}
      height={calendarLayout(isYear, width, cells).height}
      draw={(ctx, size, theme, scrollY, active) => {
        if (size.width !== width) queueMicrotask(() => setWidth(size.width))
        drawCalendar(ctx, theme, {
          layout: calendarLayout(isYear, size.width, cells),
          cells,
          scrollY,
          today: props.today,
          hover: hover?.date ?? null,
          active,
          range,
        })
      }}
      textOf={(index) => (cells[index] ? dayText(cells[index]) : '')}
      step={step}
      spanOf={(index, of) => {
        const layout = calendarLayout(isYear, of, cells)
        const { y: top } = cellAt(layout, cells[index]?.col ?? 0, cells[index]?.row ?? 0)
        return [top - layout.top, top + layout.dy]
      }}
      onEnter={(index) => cells[index] && props.onDay(cells[index].date)}
      onKey={onKey}
      onPoint={(point) => setHover(point && at(point))}
      onPress={(point) => {
        const day = at(point)
        setRange(null)
        if (day) props.onDay(day.date)
      }}
      onDrag={(from, to, isDone) => {
        const first = at(from)
        const last = at(to)
        if (!props.onRange || !first) return
        const wanted = last ? inOrder(first.date, last.date) : range
        setRange(wanted)
        if (isDone && wanted) props.onRange(wanted.from, wanted.to)
      }}
      tip={hover && <DayTip day={hover} hint={props.onRange !== null} />}
    />
  )
}

function DayTip({ day, hint }: { day: DayCell; hint: boolean }) {
  const [date, rest] = dayText(day).split(': ')
  return (
    <>
      <strong>{date}</strong>
      <div>{rest}</div>
      {hint && day.date < addDays(new Date().toISOString().slice(0, 10), 1) && (
        <div className="muted">Drag over days to backfill</div>
      )}
    </>
  )
}
