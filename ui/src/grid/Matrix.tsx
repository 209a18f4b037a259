/** The matrix of tasks and runs: one canvas, one focusable grid, and the words of its active cell for a screen reader. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type Theme, useTheme } from '../charts/theme'
import { type Size, useCanvas } from '../charts/useCanvas'
import { t } from '../kit/i18n'
import { describe, sentence, type Words } from './describe'
import { drawMatrix, Sprites } from './draw'
import { move } from './keyboard'
import { contentSize, HEAD, hitTest, type Metrics, namesWidth, type Spot, scrollTo, type Viewport } from './layout'
import { Layer } from './layer'
import { MatrixTip } from './MatrixTip'
import styles from './matrix.module.css'
import type { GridModel } from './model'
import { join, keyOf, type Names, NOTHING, rectangle, type Selection, toggle } from './selection'
import { useMatrixPointer } from './useMatrixPointer'

export interface MatrixProps {
  readonly model: GridModel
  /** What of the model changed last: `model.tick` as it was when the page drew. */
  readonly tick: number
  readonly label: string
  /** Model rows and columns on show. */
  readonly rows: Int32Array
  readonly cols: Int32Array
  readonly closed: ReadonlySet<string>
  readonly selection: Selection
  /** The cell whose drawer is open. */
  readonly active: {
    readonly task: string | null
    readonly run: string
  } | null
  /** Code whose cells stand out. */
  readonly emphasis: number | null
  readonly words: Words
  readonly now: number
  onSelection(selection: Selection): void
  onOpen(task: string | null, run: string): void
  onTask(task: string): void
  onToggle(group: string): void
  /** Any other key, with the cell it was pressed on. */
  onKey?(event: KeyboardEvent, at: { task: string | null; run: string | null }): void
}

const NARROW = 560

/** Room that the longest name needs, about: measuring thousands of texts would cost more than it gives. */
function longestName(tasks: GridModel['tasks']): number {
  let longest = 0
  for (const task of tasks) longest = Math.max(longest, task.label.length * 6.6 + task.depth * 14 + 30)
  return longest
}

function metricsOf(longest: number, theme: Theme, width: number): Metrics {
  const isNarrow = width < NARROW && theme.row >= 44
  const names = namesWidth(longest, width, isNarrow)
  if (isNarrow)
    return {
      row: 44,
      col: Math.max(44, Math.floor((width - names) / 5)),
      cell: 22,
      head: 84,
      names,
    }
  const row = theme.row <= 26 ? 18 : theme.row >= 40 ? 26 : 21
  return { row, col: 18, cell: 14, head: 88, names }
}

/** Draws the matrix and takes care of mouse, keys and focus; what is on show and selected is the page's. */
export function Matrix(props: MatrixProps) {
  const { model, rows, cols, selection } = props
  const theme = useTheme()
  const [hover, setHover] = useState<{
    spot: Spot
    x: number
    y: number
  } | null>(null)
  const [wanted, setWanted] = useState<Spot>({
    row: 0,
    col: Math.max(0, cols.length - 1),
  })
  const [hasFocus, setHasFocus] = useState(false)
  const anchor = useRef<Spot | null>(null)
  const base = useRef<Selection>(NOTHING)
  const id = useId()
  const extent = { rows: rows.length, cols: cols.length }
  const focus = {
    row: Math.min(wanted.row, extent.rows - 1),
    col: Math.min(wanted.col, extent.cols - 1),
  }
  const names = useMemo<Names>(
    () => ({
      rows: rows.length,
      cols: cols.length,
      task: (row) => model.tasks[rows[row] as number]?.id ?? '',
      run: (col) => model.runs[cols[col] as number]?.id ?? '',
    }),
    [model, rows, cols],
  )
  const [layer] = useState(() => new Layer())
  const longest = useMemo(() => longestName(model.tasks), [model.tasks])
  const sprites = useRef<{ key: unknown; size: number; made: Sprites } | null>(null)
  const modelSpot = (spot: Spot): Spot => ({
    row: spot.row === HEAD ? HEAD : (rows[spot.row] as number),
    col: spot.col === HEAD ? HEAD : (cols[spot.col] as number),
  })

  const { placeRef, canvasRef, size, redraw } = useCanvas((ctx, area, now) => {
    const metrics = metricsOf(longest, now, area.width)
    if (sprites.current?.key !== now || sprites.current.size !== metrics.cell) {
      sprites.current = {
        key: now,
        size: metrics.cell,
        made: new Sprites(now, metrics.cell, devicePixelRatio || 1),
      }
    }
    drawMatrix(
      ctx,
      {
        model,
        rows,
        cols,
        closed: props.closed,
        metrics,
        view: viewOf(placeRef.current, area),
        hover: hover?.spot ?? null,
        focus: hasFocus ? focus : null,
        active: props.active,
        selection,
        isSelected: selection.size > 0 ? isSelected : null,
        emphasis: props.emphasis,
        now: props.now,
      },
      now,
      sprites.current.made,
      layer,
    )
  })
  const isSelected = (row: number, col: number) =>
    selection.has(`${row === HEAD ? '' : (model.tasks[row]?.id ?? '')}\u0000${model.runs[col]?.id ?? ''}`)
  const metrics = metricsOf(longest, theme, size.width)
  const content = contentSize(metrics, extent)

  // The newest run is at the right edge: begin there.
  const isPlaced = useRef(false)
  useLayoutEffect(() => {
    const place = placeRef.current
    if (!place || isPlaced.current || size.width === 0) return
    isPlaced.current = true
    if (cols.length > 1 && (cols[0] as number) < (cols[cols.length - 1] as number)) place.scrollLeft = place.scrollWidth
  })

  const reveal = (spot: Spot) => {
    const place = placeRef.current
    if (!place) return
    const to = scrollTo(metrics, viewOf(place, size), spot)
    place.scrollLeft = to.x
    place.scrollTop = to.y
  }
  const activeKey = props.active ? `${props.active.task ?? ''}\u0000${props.active.run}` : ''
  // Only another active cell moves the focus and the view
  useEffect(() => {
    if (!props.active || size.width === 0) return
    const row = props.active.task === null ? HEAD : rows.indexOf(model.rowOf.get(props.active.task) ?? -9)
    const col = cols.indexOf(model.colOf.get(props.active.run) ?? -9)
    if (col < 0 || (row < 0 && props.active.task !== null)) return
    setWanted({ row, col })
    reveal({ row, col })
  }, [activeKey, size.width === 0])

  const open = (spot: Spot) => {
    if (spot.col === HEAD) {
      const task = model.tasks[rows[spot.row] as number]
      if (task?.group) props.onToggle(task.id)
      else if (task) props.onTask(task.id)
      return
    }
    if (spot.row === HEAD) return props.onOpen(null, names.run(spot.col))
    const task = model.tasks[rows[spot.row] as number]
    if (task?.group) props.onToggle(task.id)
    else if (task) props.onOpen(task.id, names.run(spot.col))
  }
  const pointer = useMatrixPointer({
    spotAt: (x, y) => (placeRef.current ? hitTest(metrics, viewOf(placeRef.current, size), extent, x, y) : null),
    onHover(spot, x, y) {
      setHover((old) => (spot ? (same(old?.spot, spot) ? old : { spot, x, y }) : null))
    },
    onClick(spot, keys) {
      setWanted(spot)
      if (spot.col !== HEAD && keys.shift) {
        props.onSelection(rectangle(names, anchor.current ?? focus, spot))
      } else if (spot.col !== HEAD && keys.ctrl) {
        anchor.current = spot
        props.onSelection(toggle(selection, names, spot))
      } else {
        anchor.current = spot
        if (selection.size > 0) props.onSelection(NOTHING)
        open(spot)
      }
    },
    onDrag(from, to, keys) {
      if (anchor.current !== from) base.current = keys.ctrl ? selection : NOTHING
      anchor.current = from
      props.onSelection(join(base.current, rectangle(names, from, to)))
    },
  })
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey) return
    const page = Math.max(1, Math.floor((size.height - metrics.head) / metrics.row) - 1)
    const next = move(event.key, event.ctrlKey || event.metaKey, focus, extent, page)
    if (next) {
      if (event.shiftKey && next.col !== HEAD) {
        anchor.current ??= focus
        props.onSelection(rectangle(names, anchor.current, next))
      } else anchor.current = null
      setWanted(next)
      reveal(next)
    } else if (event.key === 'Enter') open(focus)
    else if (event.key === ' ' && focus.col !== HEAD) props.onSelection(toggle(selection, names, focus))
    else if (event.key === ' ') open(focus)
    else if (event.key === 'Escape' && selection.size > 0) props.onSelection(NOTHING)
    else {
      props.onKey?.(event, {
        task: focus.row === HEAD ? null : names.task(focus.row),
        run: focus.col === HEAD ? null : names.run(focus.col),
      })
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const here = describe(model, modelSpot(focus), props.words, props.now)
  const tip = hover && describe(model, modelSpot(hover.spot), props.words, props.now)
  const cellId = `${id}cell`
  return (
    <>
      <div
        ref={placeRef}
        className={`${styles.scroller} ${hover ? styles.hot : ''}`}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-multiselectable="true"
        aria-rowcount={extent.rows + 1}
        aria-colcount={extent.cols + 1}
        aria-activedescendant={cellId}
        data-matrix=""
        onScroll={() => {
          setHover(null)
          redraw()
        }}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onKeyDown={onKeyDown}
        {...pointer}
      >
        <div style={{ width: content.width, height: content.height }}>
          <canvas ref={canvasRef} />
        </div>
        <ActiveRow
          id={cellId}
          spot={focus}
          name={focus.row === HEAD ? t('grid.run', 'Run') : (model.tasks[rows[focus.row] as number]?.label ?? '')}
          isSelected={focus.col !== HEAD && selection.has(keyOf(names, focus))}
        >
          {sentence(here, focus, props.words)}
        </ActiveRow>
      </div>
      {hover && tip && <MatrixTip found={tip} x={hover.x} y={hover.y} />}
    </>
  )
}

/** The one row that exists as elements: that of the active cell, out of sight. */
function ActiveRow(props: { id: string; spot: Spot; name: string; isSelected: boolean; children: ReactNode }) {
  const { spot } = props
  const isName = spot.col === HEAD
  const role = spot.row === HEAD ? 'columnheader' : isName ? 'rowheader' : 'gridcell'
  return (
    <div className={styles.active} role="row" aria-rowindex={spot.row + 2}>
      {!isName && (
        <span role="rowheader" aria-colindex={1}>
          {props.name}
        </span>
      )}
      <span role={role} id={props.id} aria-colindex={spot.col + 2} aria-selected={props.isSelected}>
        {props.children}
      </span>
    </div>
  )
}

function same(a: Spot | undefined, b: Spot): boolean {
  return a?.row === b.row && a.col === b.col
}

function viewOf(place: HTMLElement | null, size: Size): Viewport {
  return {
    ...size,
    scrollX: place?.scrollLeft ?? 0,
    scrollY: place?.scrollTop ?? 0,
  }
}
