/** Paints the part of the matrix that is on the screen. All colours come in by a theme; nothing is read from the page. */
import { drawGlyph, type Theme } from '../charts/theme'
import { ABSENT, stateOf } from './codes'
import { drawHead } from './drawHead'
import type { Layer } from './layer'
import { colsInView, colX, HEAD, type Metrics, type Range, rowsInView, rowY, type Spot, type Viewport } from './layout'
import { type Counts, cellCode, countsAt, type GridModel } from './model'

export interface Scene {
  readonly model: GridModel
  /** Model rows on show, top to bottom; model columns on show, left to right. */
  readonly rows: Int32Array
  readonly cols: Int32Array
  readonly closed: ReadonlySet<string>
  readonly metrics: Metrics
  readonly view: Viewport
  readonly hover: Spot | null
  readonly focus: Spot | null
  /** The cell whose drawer is open. */
  readonly active: {
    readonly task: string | null
    readonly run: string
  } | null
  /** What is selected, to tell one selection from another, and how to ask it. */
  readonly selection: unknown
  readonly isSelected: ((row: number, col: number) => boolean) | null
  /** Only cells of this code are drawn in full; null: all. */
  readonly emphasis: number | null
  readonly now: number
}

/** Draw everything: below the bands of the hover, above them what does not change with it. */
export function drawMatrix(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  sprites: Sprites,
  layer: Layer,
): void {
  const { view } = scene
  const rows = rowsInView(scene.metrics, view, { rows: scene.rows.length, cols: scene.cols.length })
  ctx.fillStyle = theme.background
  ctx.fillRect(0, 0, view.width, view.height)
  drawBands(ctx, scene, theme, rows)
  layer.draw(ctx, view, layerKey(scene, theme), (own) => drawStill(own, scene, theme, sprites))
}

/** All that the still layer shows. */
function layerKey(scene: Scene, theme: Theme): unknown[] {
  const { model, metrics, view, focus, active } = scene
  return [
    model,
    model.tick,
    scene.rows,
    scene.cols,
    scene.closed,
    ...Object.values(metrics),
    view.scrollX,
    view.scrollY,
    focus?.row,
    focus?.col,
    active?.task,
    active?.run,
    scene.selection,
    scene.emphasis,
    scene.now,
    theme,
  ]
}

function drawStill(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, sprites: Sprites): void {
  const { metrics, view } = scene
  const extent = { rows: scene.rows.length, cols: scene.cols.length }
  const rows = rowsInView(metrics, view, extent)
  const cols = colsInView(metrics, view, extent)
  clipped(ctx, 0, metrics.head, view.width, view.height - metrics.head, () => {
    clipped(ctx, metrics.names, metrics.head, view.width, view.height, () => {
      drawCells(ctx, scene, theme, sprites, rows, cols)
    })
    drawNames(ctx, scene, theme, rows)
  })
  drawHead(ctx, scene, theme, cols)
  drawEdges(ctx, scene, theme)
}

function clipped(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, w, h)
  ctx.clip()
  draw()
  ctx.restore()
}

function drawBands(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, rows: Range): void {
  const { metrics, view, hover } = scene
  ctx.fillStyle = theme.surface
  for (let row = rows.first; row < rows.end; row++) {
    if (scene.model.tasks[scene.rows[row] as number]?.group) {
      ctx.fillRect(0, rowY(metrics, view, row), view.width, metrics.row)
    }
  }
  ctx.fillStyle = theme.hover
  if (hover && hover.row !== HEAD) ctx.fillRect(0, rowY(metrics, view, hover.row), view.width, metrics.row)
  ctx.fillStyle = theme.background
  ctx.fillRect(0, 0, view.width, metrics.head)
  ctx.fillStyle = theme.hover
  if (hover && hover.col !== HEAD) {
    const x = Math.max(metrics.names, colX(metrics, view, hover.col))
    ctx.fillRect(x, 0, colX(metrics, view, hover.col + 1) - x, view.height)
  }
}

function drawCells(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  sprites: Sprites,
  rows: Range,
  cols: Range,
): void {
  const { metrics, view, model } = scene
  const inset = {
    x: (metrics.col - metrics.cell) / 2,
    y: (metrics.row - metrics.cell) / 2,
  }
  for (let row = rows.first; row < rows.end; row++) {
    const modelRow = scene.rows[row] as number
    const y = rowY(metrics, view, row) + inset.y
    for (let col = cols.first; col < cols.end; col++) {
      const modelCol = scene.cols[col] as number
      const x = colX(metrics, view, col) + inset.x
      const code = cellCode(model, modelRow, modelCol)
      if (code === ABSENT) drawAbsent(ctx, x, y, metrics.cell, theme)
      else
        drawCell(ctx, scene, theme, sprites, {
          modelRow,
          modelCol,
          code,
          x,
          y,
        })
      if (isActive(scene, model.tasks[modelRow]?.id ?? '', modelCol))
        outline(ctx, x - 2.5, y - 2.5, metrics.cell + 5, theme.accent, 2)
      if (scene.isSelected?.(modelRow, modelCol)) outline(ctx, x, y, metrics.cell, theme.accent, 2)
      if (scene.focus?.row === row && scene.focus.col === col)
        outline(ctx, x - 2, y - 2, metrics.cell + 4, theme.text, 1.5)
    }
  }
}

/** Whether a cell (or, with null, a run's head) is the one whose drawer is open. */
export function isActive(scene: Scene, task: string | null, modelCol: number): boolean {
  return scene.active?.task === task && scene.active.run === scene.model.runs[modelCol]?.id
}

interface Cell {
  readonly modelRow: number
  readonly modelCol: number
  readonly code: number
  readonly x: number
  readonly y: number
}

function drawCell(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, sprites: Sprites, cell: Cell): void {
  const { model, metrics } = scene
  const at = cell.modelRow * model.cols + cell.modelCol
  const isDim = scene.emphasis !== null && scene.emphasis !== cell.code
  if (isDim) ctx.globalAlpha = 0.18
  const counts = countsAt(model, cell.modelRow, cell.modelCol)
  const isMixed = counts !== null && counts !== undefined && Object.keys(counts).length > 1
  sprites.draw(ctx, stateOf(cell.code) ?? 'none', cell.x, cell.y, isMixed)
  if (counts) drawFraction(ctx, counts, theme, cell.x, cell.y, metrics.cell)
  const tries = model.tries.get(at)
  if (tries && tries > 1 && !counts) corner(ctx, cell.x + metrics.cell, cell.y, theme.text, theme.background)
  if (model.notes.has(at))
    dot(ctx, cell.x + metrics.cell - 1, cell.y + metrics.cell - 1, theme.accent, theme.background)
  ctx.globalAlpha = 1
}

function drawAbsent(ctx: CanvasRenderingContext2D, x: number, y: number, size: number, theme: Theme): void {
  ctx.fillStyle = theme.line
  ctx.fillRect(x + size / 2 - 1, y + size / 2 - 1, 2, 2)
}

/** Along the lower edge: how the states of a group's or a mapped task's instances share the whole. */
function drawFraction(
  ctx: CanvasRenderingContext2D,
  counts: Counts,
  theme: Theme,
  x: number,
  y: number,
  size: number,
): void {
  const states = Object.keys(counts)
  if (states.length < 2) return
  let total = 0
  for (const state of states) total += counts[state] as number
  ctx.fillStyle = theme.background
  ctx.fillRect(x, y + size - 4, size, 4)
  let left = x
  for (const state of states) {
    const width = (size * (counts[state] as number)) / total
    ctx.fillStyle = theme.look(state).fill
    ctx.fillRect(left, y + size - 3, width, 3)
    left += width
  }
}

function corner(ctx: CanvasRenderingContext2D, right: number, top: number, color: string, edge: string): void {
  ctx.beginPath()
  ctx.moveTo(right - 5.5, top)
  ctx.lineTo(right, top)
  ctx.lineTo(right, top + 5.5)
  ctx.closePath()
  ctx.fillStyle = color
  ctx.fill()
  ctx.strokeStyle = edge
  ctx.lineWidth = 0.75
  ctx.stroke()
}

/** A dot with a rim: "there is a note". */
export function dot(ctx: CanvasRenderingContext2D, x: number, y: number, color: string, edge: string): void {
  ctx.beginPath()
  ctx.arc(x, y, 2.75, 0, Math.PI * 2)
  ctx.fillStyle = color
  ctx.fill()
  ctx.strokeStyle = edge
  ctx.lineWidth = 1
  ctx.stroke()
}

/** A rounded rim around something: selected, or where the focus is. */
export function outline(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  color: string,
  width: number,
  height = size,
): void {
  ctx.strokeStyle = color
  ctx.lineWidth = width
  ctx.beginPath()
  ctx.roundRect(x, y, size, height, 3)
  ctx.stroke()
}

const INDENT = 14

function drawNames(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, rows: Range): void {
  const { metrics, view, model } = scene
  ctx.textBaseline = 'middle'
  for (let row = rows.first; row < rows.end; row++) {
    const modelRow = scene.rows[row] as number
    const task = model.tasks[modelRow]
    if (!task) continue
    const middle = rowY(metrics, view, row) + metrics.row / 2
    const left = 8 + task.depth * INDENT
    const isHere = scene.focus?.row === row && scene.focus.col === HEAD
    ctx.font = `${task.group ? '600 ' : ''}12px ${theme.font}`
    ctx.fillStyle = isHere || task.group ? theme.text : theme.muted
    if (task.group) chevron(ctx, left + 4, middle, scene.closed.has(task.id))
    const mark = task.mapped ? ' [ ]' : task.setup ? ' ⤴' : task.teardown ? ' ⤵' : ''
    const start = left + 14
    ctx.fillText(shorten(ctx, task.label + mark, metrics.names - start - 6), start, middle + 0.5)
    if (scene.focus?.row === row && scene.focus.col === HEAD) {
      ctx.strokeStyle = theme.accent
      ctx.lineWidth = 2
      ctx.strokeRect(2, rowY(metrics, view, row) + 1, metrics.names - 6, metrics.row - 2)
    }
  }
}

function chevron(ctx: CanvasRenderingContext2D, x: number, y: number, isClosed: boolean): void {
  ctx.beginPath()
  if (isClosed) {
    ctx.moveTo(x - 2, y - 4)
    ctx.lineTo(x + 2, y)
    ctx.lineTo(x - 2, y + 4)
  } else {
    ctx.moveTo(x - 4, y - 2)
    ctx.lineTo(x, y + 2)
    ctx.lineTo(x + 4, y - 2)
  }
  ctx.strokeStyle = ctx.fillStyle
  ctx.lineWidth = 1.5
  ctx.stroke()
}

const FITTED = new Map<string, string>()

/** Text cut in its middle so that it fits: the ends of task ids are what tells them apart. Remembered: it is asked each frame. */
export function shorten(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${ctx.font}\n${Math.round(width)}\n${text}`
  const known = FITTED.get(key)
  if (known !== undefined) return known
  let result = text
  if (ctx.measureText(text).width > width) {
    let low = 0
    let high = text.length
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (ctx.measureText(cut(text, middle)).width <= width) low = middle
      else high = middle - 1
    }
    result = cut(text, low)
  }
  if (FITTED.size > 20_000) FITTED.clear()
  FITTED.set(key, result)
  return result
}

function cut(text: string, keep: number): string {
  const tail = Math.floor(keep / 2)
  return `${text.slice(0, keep - tail)}…${tail > 0 ? text.slice(-tail) : ''}`
}

function drawEdges(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  const { metrics, view } = scene
  ctx.fillStyle = theme.line
  ctx.fillRect(0, metrics.head - 1, view.width, 1)
  if (view.scrollX > 0) ctx.fillRect(metrics.names - 1, 0, 1, view.height)
}

/** Small pictures of the states, painted once per size, theme and pixel ratio: a cell is then one copy. */
export class Sprites {
  private readonly made = new Map<string, HTMLCanvasElement>()

  constructor(
    private readonly theme: Theme,
    private readonly size: number,
    private readonly ratio: number,
  ) {}

  /** Copy the state's picture to a place. */
  draw(ctx: CanvasRenderingContext2D, state: string, x: number, y: number, isMixed = false): void {
    ctx.drawImage(this.picture(state, isMixed), x, y, this.size, this.size)
  }

  private picture(state: string, isMixed: boolean): HTMLCanvasElement {
    const key = isMixed ? `${state} mixed` : state
    const known = this.made.get(key)
    if (known) return known
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.round(this.size * this.ratio)
    const ctx = canvas.getContext('2d') as CanvasRenderingContext2D
    ctx.scale(canvas.width / this.size, canvas.height / this.size)
    this.paint(ctx, state, isMixed)
    this.made.set(key, canvas)
    return canvas
  }

  private paint(ctx: CanvasRenderingContext2D, state: string, isMixed: boolean): void {
    const look = this.theme.look(state)
    const isHollow = state === 'none'
    ctx.beginPath()
    ctx.roundRect(0.5, 0.5, this.size - 1, this.size - 1, 2.5)
    ctx.fillStyle = look.fill
    if (!isHollow) ctx.fill()
    ctx.strokeStyle = look.ink
    ctx.lineWidth = 1
    ctx.stroke()
    if (this.size < 12) return
    // The lower edge of a mixed cell shows how its states share the whole: the glyph stands above.
    const side = isMixed ? this.size - 5 : this.size - 2
    drawGlyph(ctx, look, (this.size - side) / 2, isMixed ? 0.5 : 1, side, isHollow ? look.ink : look.on)
  }
}
