/** Paints the lanes of the timeline. */
import { shorten } from '../grid/draw'
import { drawNow, drawTicks } from './drawGantt'
import { type TimeScale, xOf } from './scale'
import { drawGlyph, type Theme } from './theme'
import { type Lane, type LaneHead, LINE, rowAt } from './timelineModel'
import type { Size } from './useCanvas'

export const TIMELINE = {
  row: 26,
  head: 28,
  namesOf: (width: number): number => (width < 560 ? 120 : 240),
}

export interface TimelineScene {
  readonly rows: readonly (Lane | LaneHead)[]
  readonly edges: readonly number[]
  readonly scale: TimeScale
  readonly scrollY: number
  readonly zone: string
  readonly now: number
  readonly hover: number | null
  readonly active: number | null
  readonly activeRun: string | null
}

export function drawTimeline(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scene: TimelineScene): void {
  const { head } = TIMELINE
  const first = rowAt(scene.edges, scene.scrollY)
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, head, size.width, size.height - head)
  ctx.clip()
  for (let at = first; at < scene.rows.length && (scene.edges[at] as number) < scene.scrollY + size.height; at++) {
    band(ctx, size, theme, scene, at)
  }
  drawTicks(ctx, size, theme, scene.scale, scene.zone, head, false)
  for (let at = first; at < scene.rows.length && (scene.edges[at] as number) < scene.scrollY + size.height; at++) {
    drawRow(ctx, size, theme, scene, at)
  }
  ctx.restore()
  drawTicks(ctx, size, theme, scene.scale, scene.zone, head, true, scene.now)
  drawNow(ctx, size, theme, scene.scale, scene.now, head)
}

function place(scene: TimelineScene, at: number): { y: number; height: number } {
  const top = scene.edges[at] as number
  return {
    y: TIMELINE.head + top - scene.scrollY,
    height: (scene.edges[at + 1] as number) - top,
  }
}

function band(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scene: TimelineScene, at: number): void {
  const { y, height } = place(scene, at)
  const isHead = scene.rows[at]?.kind === 'head'
  if (isHead || scene.hover === at || scene.active === at) {
    ctx.fillStyle = isHead ? theme.surface : theme.hover
    ctx.fillRect(0, y, size.width, height)
  }
  ctx.fillStyle = theme.line
  ctx.globalAlpha = 0.6
  ctx.fillRect(0, y + height - 1, size.width, 1)
  ctx.globalAlpha = 1
  if (scene.active !== at) return
  ctx.strokeStyle = theme.accent
  ctx.lineWidth = 2
  ctx.strokeRect(1, y + 1, size.width - 2, height - 2)
}

function drawRow(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scene: TimelineScene, at: number): void {
  const row = scene.rows[at] as Lane | LaneHead
  const { y, height } = place(scene, at)
  ctx.textBaseline = 'middle'
  if (row.kind === 'head') {
    ctx.font = `600 12px ${theme.font}`
    ctx.fillStyle = theme.text
    ctx.fillText(`${row.label} (${row.count})`, 8, y + height / 2)
    return
  }
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, y, scene.scale.left - 8, height)
  ctx.clip()
  ctx.font = `12px ${theme.font}`
  ctx.fillStyle = row.isPaused ? theme.muted : theme.text
  if (row.failed > 0) drawGlyph(ctx, theme.look('failed'), 6, y + height / 2 - 6, 12, theme.look('failed').ink)
  else if (row.isPaused) drawGlyph(ctx, theme.look('deferred'), 6, y + height / 2 - 6, 12, theme.muted)
  ctx.fillText(shorten(ctx, row.dagId, scene.scale.left - 34), 24, y + height / 2 + 0.5)
  ctx.restore()
  ctx.save()
  ctx.beginPath()
  ctx.rect(scene.scale.left, y, size.width - scene.scale.left, height)
  ctx.clip()
  drawRuns(ctx, theme, scene, row, y)
  drawPlanned(ctx, theme, scene, row, y)
  ctx.restore()
}

function drawRuns(ctx: CanvasRenderingContext2D, theme: Theme, scene: TimelineScene, lane: Lane, y: number): void {
  const { scale } = scene
  const bar = lane.lines === 1 ? 14 : LINE - 2
  const top = lane.lines === 1 ? y + 5 : y + 4
  for (const run of lane.runs) {
    if (run.to < scale.from || run.from > scale.to) continue
    const left = xOf(scale, run.from)
    const width = Math.max(4, xOf(scale, run.to) - left)
    const look = theme.look(run.state)
    ctx.beginPath()
    ctx.roundRect(left + 0.5, top + run.line * LINE + 0.5, width - 1, bar - 1, 2)
    ctx.fillStyle = look.fill
    ctx.fill()
    ctx.strokeStyle = run.id === scene.activeRun ? theme.accent : look.ink
    ctx.lineWidth = run.id === scene.activeRun ? 3 : 1
    ctx.stroke()
    if (width > 16) drawGlyph(ctx, look, left + width / 2 - 5, top + run.line * LINE + (bar - 10) / 2, 10, look.on)
    else if (run.state === 'failed' && lane.lines === 1) drawFoot(ctx, look.ink, left + width / 2, y + TIMELINE.row - 5)
  }
}

/** Below a bar too narrow for its glyph: what failed is told by more than its colour. */
function drawFoot(ctx: CanvasRenderingContext2D, ink: string, x: number, y: number): void {
  ctx.beginPath()
  ctx.moveTo(x - 4, y + 4)
  ctx.lineTo(x + 4, y + 4)
  ctx.lineTo(x, y - 1)
  ctx.closePath()
  ctx.fillStyle = ink
  ctx.fill()
}

function drawPlanned(ctx: CanvasRenderingContext2D, theme: Theme, scene: TimelineScene, lane: Lane, y: number): void {
  ctx.strokeStyle = lane.isPaused ? theme.strong : theme.look('planned').ink
  ctx.lineWidth = 1
  ctx.setLineDash([2, 2])
  for (const at of lane.planned) {
    if (at < scene.scale.from || at > scene.scale.to) continue
    ctx.beginPath()
    ctx.roundRect(xOf(scene.scale, at) - 4.5, y + 6.5, 9, 13, 2)
    ctx.stroke()
  }
  ctx.setLineDash([])
}
