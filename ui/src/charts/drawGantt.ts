/** Paints the gantt and, with the same axis, the timeline's ticks. */
import { shorten } from '../grid/draw'
import type { GanttLane, Part } from './ganttModel'
import { type TimeScale, tickLabel, ticks, xOf, zoneOffset } from './scale'
import { drawGlyph, type Theme } from './theme'
import type { Size } from './useCanvas'

export const GANTT = {
  row: 22,
  head: 28,
  bar: 12,
  namesOf: (width: number): number => (width < 560 ? 120 : Math.min(240, Math.round(width * 0.3))),
}

export interface GanttScene {
  readonly lanes: readonly GanttLane[]
  readonly scale: TimeScale
  readonly scrollY: number
  readonly zone: string
  readonly now: number
  readonly path: ReadonlySet<string> | null
  readonly hover: number | null
  readonly active: number | null
}

/** The part of a lane at a pixel; the shortest where several lie upon one another. */
export function partAt(lane: GanttLane, scale: TimeScale, x: number): Part | null {
  let found: Part | null = null
  for (const part of lane.parts) {
    const left = xOf(scale, part.from)
    const right = Math.max(left + 3, xOf(scale, part.to))
    if (x < left - 1 || x > right + 1) continue
    if (!found || part.to - part.from < found.to - found.from) found = part
  }
  return found
}

export function drawGantt(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scene: GanttScene): void {
  const first = Math.max(0, Math.floor(scene.scrollY / GANTT.row))
  const end = Math.min(scene.lanes.length, Math.ceil((scene.scrollY + size.height - GANTT.head) / GANTT.row))
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, GANTT.head, size.width, size.height - GANTT.head)
  ctx.clip()
  for (let at = first; at < end; at++) band(ctx, size, theme, scene, at)
  drawTicks(ctx, size, theme, scene.scale, scene.zone, GANTT.head, false)
  for (let at = first; at < end; at++) drawLane(ctx, theme, scene, at)
  ctx.restore()
  drawTicks(ctx, size, theme, scene.scale, scene.zone, GANTT.head, true, scene.now)
  drawNow(ctx, size, theme, scene.scale, scene.now, GANTT.head)
}

function band(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scene: GanttScene, at: number): void {
  const y = GANTT.head + at * GANTT.row - scene.scrollY
  const isHot = scene.hover === at || scene.active === at
  if (!isHot && !scene.lanes[at]?.isGroup) return
  ctx.fillStyle = isHot ? theme.hover : theme.surface
  ctx.fillRect(0, y, size.width, GANTT.row)
  if (scene.active !== at) return
  ctx.strokeStyle = theme.accent
  ctx.lineWidth = 2
  ctx.strokeRect(1, y + 1, size.width - 2, GANTT.row - 2)
}

/** Lines at round times; with `labels` their texts in the head instead. */
export function drawTicks(
  ctx: CanvasRenderingContext2D,
  size: Size,
  theme: Theme,
  scale: TimeScale,
  zone: string,
  head: number,
  labels: boolean,
  now = 0,
): void {
  const { at, step } = ticks(scale, 84, zoneOffset(scale.from, zone))
  if (labels) {
    ctx.fillStyle = theme.background
    ctx.fillRect(0, 0, size.width, head)
    ctx.fillStyle = theme.line
    ctx.fillRect(0, head - 1, size.width, 1)
    ctx.fillStyle = theme.muted
    ctx.font = `11px ${theme.font}`
    ctx.textBaseline = 'middle'
    ctx.textAlign = 'center'
    for (const tick of at) {
      const x = xOf(scale, tick)
      const isFree = Math.abs(x - xOf(scale, now)) > 36
      if (isFree && x > scale.left + 16 && x < scale.left + scale.width - 12)
        ctx.fillText(tickLabel(tick, step, zone), x, head / 2)
    }
    ctx.textAlign = 'start'
    return
  }
  ctx.fillStyle = theme.line
  for (const tick of at)
    if (xOf(scale, tick) >= scale.left) ctx.fillRect(Math.round(xOf(scale, tick)), head, 1, size.height)
}

/** The line of now, with its word. */
export function drawNow(
  ctx: CanvasRenderingContext2D,
  size: Size,
  theme: Theme,
  scale: TimeScale,
  now: number,
  head: number,
): void {
  if (now < scale.from || now > scale.to) return
  const x = Math.round(xOf(scale, now))
  ctx.fillStyle = theme.accent
  ctx.fillRect(x - 0.5, head - 6, 1.5, size.height)
  ctx.font = `600 11px ${theme.font}`
  ctx.textAlign = x > size.width - 40 ? 'end' : 'center'
  ctx.textBaseline = 'middle'
  const width = ctx.measureText('now').width + 8
  const left = ctx.textAlign === 'end' ? x - width + 4 : x - width / 2
  ctx.fillStyle = theme.background
  ctx.fillRect(left, 2, width, head - 8)
  ctx.fillStyle = theme.accent
  ctx.fillText('now', x, head / 2 - 1)
  ctx.textAlign = 'start'
}

function drawLane(ctx: CanvasRenderingContext2D, theme: Theme, scene: GanttScene, at: number): void {
  const lane = scene.lanes[at] as GanttLane
  const y = GANTT.head + at * GANTT.row - scene.scrollY
  const { scale } = scene
  const isOff = scene.path !== null && !lane.isGroup && !scene.path.has(lane.id)
  ctx.globalAlpha = isOff ? 0.35 : 1
  ctx.save()
  ctx.beginPath()
  ctx.rect(scale.left, y, scale.width, GANTT.row)
  ctx.clip()
  if (lane.isGroup) drawSpan(ctx, theme, scene, lane, y)
  else for (const part of lane.parts) drawPart(ctx, theme, scale, part, y)
  ctx.restore()
  drawName(ctx, theme, scene, lane, y)
  ctx.globalAlpha = 1
}

function drawName(ctx: CanvasRenderingContext2D, theme: Theme, scene: GanttScene, lane: GanttLane, y: number): void {
  const look = theme.look(lane.state)
  const left = 6 + lane.depth * 12
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, y, scene.scale.left - 6, GANTT.row)
  ctx.clip()
  if (lane.state !== null || lane.instances > 0) drawGlyph(ctx, look, left, y + 5, 12, look.ink)
  const isOnPath = scene.path?.has(lane.id)
  ctx.font = `${lane.isGroup || isOnPath ? '600 ' : ''}12px ${theme.font}`
  ctx.fillStyle = lane.isGroup || isOnPath ? theme.text : theme.muted
  ctx.textBaseline = 'middle'
  const name = lane.instances > 1 && !lane.isGroup ? `${lane.label} [${lane.instances}]` : lane.label
  ctx.fillText(shorten(ctx, name, scene.scale.left - left - 26), left + 17, y + 11.5)
  ctx.restore()
}

function drawSpan(ctx: CanvasRenderingContext2D, theme: Theme, scene: GanttScene, lane: GanttLane, y: number): void {
  if (lane.from === null || lane.to === null) return
  const left = xOf(scene.scale, lane.from)
  const right = Math.max(left + 4, xOf(scene.scale, lane.to))
  ctx.fillStyle = theme.strong
  ctx.fillRect(left, y + 10, right - left, 2)
  ctx.fillRect(left, y + 7, 2, 8)
  ctx.fillRect(right - 2, y + 7, 2, 8)
}

function drawPart(ctx: CanvasRenderingContext2D, theme: Theme, scale: TimeScale, part: Part, y: number): void {
  const left = xOf(scale, part.from)
  const width = Math.max(part.kind === 'run' ? 3 : 1, xOf(scale, part.to) - left)
  if (left > scale.left + scale.width || left + width < scale.left) return
  const top = y + (GANTT.row - GANTT.bar) / 2
  if (part.kind !== 'run') {
    const look = theme.look(part.kind)
    ctx.fillStyle = look.fill
    ctx.fillRect(left, top + (part.kind === 'queued' ? 3 : 5), width, part.kind === 'queued' ? GANTT.bar - 6 : 2)
    return
  }
  const look = theme.look(part.state)
  ctx.beginPath()
  ctx.roundRect(left + 0.5, top + 0.5, Math.max(2, width - 1), GANTT.bar - 1, 2)
  ctx.fillStyle = look.fill
  ctx.fill()
  ctx.strokeStyle = look.ink
  ctx.lineWidth = 1
  ctx.stroke()
  if (width > 16) drawGlyph(ctx, look, left + 3, top + 1.5, 9, look.on)
}
