/** Paints the head of the matrix: a bar per run by duration, the median, and the marks of type, version and note. */
import { drawGlyph, type Theme } from '../charts/theme'
import { duration } from '../kit/time'
import { dot, isActive, outline, type Scene, shorten } from './draw'
import { colX, HEAD, type Range } from './layout'
import { type GridModel, type GridRun, runDuration } from './model'

/** Height of the strip below the bars that holds the run type's glyph. */
const STRIP = 16
const TOP = 8

const TYPES: Readonly<Record<string, string>> = {
  manual: '▷',
  backfill: '↤',
  dataset_triggered: '◆',
  asset_triggered: '◆',
  scheduled: '',
}

/** The glyph of a run's type; scheduled runs, the rule, have none. */
export function typeGlyph(type: string): string {
  return TYPES[type] ?? ''
}

/** Longest and middle duration of the runs; 0 when there is none. */
export function durationScale(model: GridModel, cols: Int32Array, now: number): { max: number; median: number } {
  const found: number[] = []
  for (const col of cols) {
    const duration = runDuration(model.runs[col] as GridRun, now)
    if (duration !== null) found.push(duration)
  }
  found.sort((a, b) => a - b)
  const half = found.length >> 1
  const median =
    found.length === 0
      ? 0
      : found.length % 2
        ? (found[half] as number)
        : ((found[half - 1] as number) + (found[half] as number)) / 2
  return { max: found[found.length - 1] ?? 0, median }
}

export function drawHead(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, cols: Range): void {
  const { metrics, view, model } = scene
  const scale = durationScale(model, scene.cols, scene.now)
  const room = metrics.head - STRIP - TOP
  ctx.save()
  ctx.beginPath()
  ctx.rect(metrics.names, 0, view.width - metrics.names, metrics.head)
  ctx.clip()
  for (let col = cols.first; col < cols.end; col++) drawRun(ctx, scene, theme, col, { room, max: scale.max })
  drawMedian(ctx, scene, theme, scale, room)
  ctx.restore()
  drawScale(ctx, scene, theme, scale, room)
}

function drawRun(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  col: number,
  bar: { readonly room: number; readonly max: number },
): void {
  const { metrics, view, model } = scene
  const modelCol = scene.cols[col] as number
  const run = model.runs[modelCol] as GridRun
  const width = Math.min(metrics.cell, metrics.col - 4)
  const x = colX(metrics, view, col) + (metrics.col - width) / 2
  const floor = metrics.head - STRIP
  const lasted = runDuration(run, scene.now)
  const height = lasted === null || bar.max === 0 ? 3 : Math.max(3, (bar.room * lasted) / bar.max)
  const look = theme.look(run.state)
  ctx.fillStyle = look.fill
  ctx.strokeStyle = look.ink
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.roundRect(x + 0.5, floor - height + 0.5, width - 1, Math.max(2, height - 1), [2, 2, 0, 0])
  ctx.fill()
  ctx.stroke()
  if (height >= 14) drawGlyph(ctx, look, x + (width - 10) / 2, floor - 12, 10, look.on)
  ctx.fillStyle = theme.muted
  ctx.font = `10px ${theme.font}`
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  ctx.fillText(typeGlyph(run.type), x + width / 2, metrics.head - STRIP / 2)
  ctx.textAlign = 'start'
  if (run.note) dot(ctx, x + width - 1, metrics.head - STRIP / 2 - 3, theme.accent, theme.background)
  if (isNewVersion(scene, col)) versionMark(ctx, colX(metrics, view, col), metrics.head, theme.accent)
  if (isActive(scene, null, modelCol) || scene.isSelected?.(HEAD, modelCol))
    outline(ctx, x - 1, TOP, width + 2, theme.accent, 2, floor - TOP)
  if (scene.focus?.row === HEAD && scene.focus.col === col)
    outline(ctx, x - 2, TOP - 2, width + 4, theme.text, 1.5, floor - TOP + 4)
}

/** Whether the DAG's version changed between a column and the older one beside it. */
function isNewVersion(scene: Scene, col: number): boolean {
  const { model, cols } = scene
  const here = model.runs[cols[col] as number]?.version
  const beside = model.runs[(cols[col] as number) - 1]?.version
  return here != null && beside != null && here !== beside
}

function versionMark(ctx: CanvasRenderingContext2D, x: number, bottom: number, color: string): void {
  ctx.fillStyle = color
  ctx.fillRect(x - 0.5, 4, 1, bottom - 8)
  ctx.beginPath()
  ctx.moveTo(x - 3.5, 2)
  ctx.lineTo(x + 3.5, 2)
  ctx.lineTo(x, 7)
  ctx.fill()
}

function drawMedian(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  scale: { readonly max: number; readonly median: number },
  room: number,
): void {
  if (scale.max === 0) return
  const y = Math.round(scene.metrics.head - STRIP - (room * scale.median) / scale.max) + 0.5
  ctx.strokeStyle = theme.text
  ctx.globalAlpha = 0.55
  ctx.lineWidth = 1
  ctx.setLineDash([4, 3])
  ctx.beginPath()
  ctx.moveTo(scene.metrics.names, y)
  ctx.lineTo(Math.min(scene.view.width, colX(scene.metrics, scene.view, scene.cols.length)), y)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.globalAlpha = 1
}

function drawScale(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  scale: { readonly max: number; readonly median: number },
  room: number,
): void {
  if (scale.max === 0) return
  const right = scene.metrics.names - 8
  const floor = scene.metrics.head - STRIP
  const median = floor - (room * scale.median) / scale.max
  ctx.font = `11px ${theme.font}`
  ctx.fillStyle = theme.muted
  ctx.textAlign = 'end'
  ctx.textBaseline = 'middle'
  ctx.fillText(shorten(ctx, duration(scale.max), right), right, TOP + 4)
  if (median > TOP + 16)
    ctx.fillText(shorten(ctx, `median ${duration(scale.median)}`, right), right, Math.min(median, floor - 6))
  ctx.textAlign = 'start'
}
