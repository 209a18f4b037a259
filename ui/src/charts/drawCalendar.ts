/** Paints the calendar: a year of small squares in columns of weeks, or a month of large ones in rows. */
import type { DayCell } from './calendarModel'
import { drawGlyph, type Theme } from './theme'

export interface CalendarLayout {
  readonly isYear: boolean
  readonly left: number
  readonly top: number
  /** Distance between two cells, across and down. */
  readonly dx: number
  readonly dy: number
  /** Weeks beside each other; a year that finds no room goes on below. */
  readonly weeks: number
  readonly height: number
}

/** Sizes for a width. */
export function calendarLayout(isYear: boolean, width: number, cells: readonly DayCell[]): CalendarLayout {
  const cols = Math.max(...cells.map((cell) => cell.col)) + 1
  const rows = Math.max(...cells.map((cell) => cell.row)) + 1
  const left = isYear ? 34 : 0
  const top = isYear ? 22 : 24
  if (!isYear) {
    const dx = (width - left - 1) / cols
    const dy = Math.max(56, Math.min(92, dx * 0.75))
    return { isYear, left, top, dx, dy, weeks: cols, height: top + rows * dy + 12 }
  }
  const room = width - left - 8
  const bands = [1, 2, 3, 4].find((count) => room / Math.ceil(cols / count) >= LEAST) ?? 4
  const weeks = Math.ceil(cols / bands)
  const dx = Math.min(26, room / weeks)
  return { isYear, left, top, dx, dy: dx, weeks, height: bands * (top + rows * dx + 14) }
}

/** Side of a day's square below which a year is broken into bands. */
const LEAST = 15

/** Left upper corner of a cell. */
export function cellAt(layout: CalendarLayout, col: number, row: number): { x: number; y: number } {
  const band = Math.floor(col / layout.weeks)
  const height = layout.isYear ? layout.top + 7 * layout.dy + 14 : 0
  return { x: layout.left + (col % layout.weeks) * layout.dx, y: band * height + layout.top + row * layout.dy }
}

/** The cell at a point. */
export function dayAt(layout: CalendarLayout, cells: readonly DayCell[], x: number, y: number): DayCell | null {
  const isIn = (cell: DayCell) => {
    const at = cellAt(layout, cell.col, cell.row)
    return x >= at.x && x < at.x + layout.dx && y >= at.y && y < at.y + layout.dy
  }
  return cells.find(isIn) ?? null
}

export interface CalendarScene {
  readonly layout: CalendarLayout
  readonly cells: readonly DayCell[]
  readonly scrollY: number
  readonly today: string
  readonly hover: string | null
  readonly active: number | null
  readonly range: { readonly from: string; readonly to: string } | null
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function drawCalendar(ctx: CanvasRenderingContext2D, theme: Theme, scene: CalendarScene): void {
  const { layout } = scene
  ctx.save()
  ctx.translate(0, -scene.scrollY)
  ctx.font = `11px ${theme.font}`
  ctx.fillStyle = theme.muted
  ctx.textBaseline = 'middle'
  drawLabels(ctx, layout, scene.cells)
  for (const [at, cell] of scene.cells.entries()) drawDay(ctx, theme, scene, cell, scene.active === at)
  ctx.restore()
}

function drawLabels(ctx: CanvasRenderingContext2D, layout: CalendarLayout, cells: readonly DayCell[]): void {
  if (!layout.isYear) {
    for (const [col, day] of DAYS.entries()) ctx.fillText(day, layout.left + col * layout.dx + 6, layout.top / 2)
    return
  }
  const last = cells[cells.length - 1]?.col ?? 0
  for (let col = 0; col <= last; col += layout.weeks) {
    for (const row of [0, 2, 4, 6]) ctx.fillText(DAYS[row] as string, 0, cellAt(layout, col, row).y + layout.dy / 2)
  }
  for (const cell of cells) {
    if (cell.day !== 1) continue
    // A month that begins within a week is named over its first whole one.
    const col = cell.row === 0 ? cell.col : cell.col + 1
    const at = cellAt(layout, col, 0)
    ctx.fillText(MONTHS[cell.month] as string, at.x, at.y - layout.top / 2)
  }
}

function drawDay(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  scene: CalendarScene,
  cell: DayCell,
  isActive: boolean,
): void {
  const { layout } = scene
  const gap = layout.isYear ? (layout.dx > 10 ? 2 : 1) : 3
  const { x, y } = cellAt(layout, cell.col, cell.row)
  const w = layout.dx - gap
  const h = layout.dy - gap
  ctx.save()
  ctx.beginPath()
  ctx.roundRect(x, y, w, h, layout.isYear ? 2 : 4)
  ctx.fillStyle = theme.surface
  ctx.fill()
  ctx.clip()
  if (layout.isYear) splitFill(ctx, theme, cell, x, y, w, h)
  else splitFill(ctx, theme, cell, x, y + h - 10, w, 10)
  if (cell.planned > 0 && cell.total === 0) hatch(ctx, theme, x, y, w, h)
  ctx.restore()
  if (!layout.isYear) drawNumbers(ctx, theme, cell, x, y, w)
  frame(ctx, theme, scene, cell, isActive, x, y, w, h)
}

/** The states share the height by their numbers, worst on top; a line between them for those who see no colours. */
function splitFill(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  cell: DayCell,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  if (cell.total === 0) return
  const isWide = w > h * 2
  let at = isWide ? x : y
  for (const state of order(cell)) {
    const size = ((isWide ? w : h) * (cell.counts[state] ?? 0)) / cell.total
    ctx.fillStyle = theme.look(state).fill
    if (isWide) ctx.fillRect(at, y, size, h)
    else ctx.fillRect(x, at, w, size)
    ctx.fillStyle = theme.background
    if (isWide) ctx.fillRect(at + size - 0.5, y, 1, h)
    else ctx.fillRect(x, at + size - 0.5, w, 1)
    at += size
  }
  if (!isWide && w >= 12) drawWorst(ctx, theme, cell, x, y, w, h)
}

/** The glyph of the worst state, in its share of the day; success, the rule, has none. */
function drawWorst(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  cell: DayCell,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  const [worst = 'success'] = order(cell)
  if (worst === 'success') return
  const share = (h * (cell.counts[worst] ?? 0)) / cell.total
  const size = Math.min(12, w - 4)
  const look = theme.look(worst)
  const isRoomy = share >= size + 1
  drawGlyph(ctx, look, x + (w - size) / 2, isRoomy ? y + (share - size) / 2 : y + 1, size, isRoomy ? look.on : '#fff')
}

const ORDER = ['failed', 'running', 'queued', 'success']

function order(cell: DayCell): string[] {
  const place = (state: string) => (ORDER.indexOf(state) + ORDER.length) % ORDER.length
  return Object.keys(cell.counts).sort((a, b) => place(a) - place(b))
}

function hatch(ctx: CanvasRenderingContext2D, theme: Theme, x: number, y: number, w: number, h: number): void {
  const look = theme.look('planned')
  ctx.strokeStyle = look.ink
  ctx.globalAlpha = 0.55
  ctx.lineWidth = 1
  ctx.beginPath()
  for (let at = -h; at < w; at += 5) {
    ctx.moveTo(x + at, y + h)
    ctx.lineTo(x + at + h, y)
  }
  ctx.stroke()
  ctx.globalAlpha = 1
}

function drawNumbers(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  cell: DayCell,
  x: number,
  y: number,
  w: number,
): void {
  ctx.fillStyle = theme.text
  ctx.font = `600 12px ${theme.font}`
  ctx.fillText(String(cell.day), x + 6, y + 12)
  ctx.font = `11px ${theme.font}`
  let line = 0
  for (const state of order(cell).slice(0, 2)) {
    const look = theme.look(state)
    drawGlyph(ctx, look, x + 6, y + 21 + line * 13, 10, look.ink)
    ctx.fillStyle = theme.text
    ctx.fillText(String(cell.counts[state]), x + 20, y + 27 + line * 13)
    line++
  }
  if (cell.planned === 0) return
  ctx.fillStyle = theme.muted
  ctx.textAlign = 'right'
  // A phone's day has room for the number alone; the hatching says the rest.
  if (w >= 64) ctx.fillText(`${cell.planned} ◌`, x + w - 6, y + 12)
  ctx.textAlign = 'start'
}

function frame(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  scene: CalendarScene,
  cell: DayCell,
  isActive: boolean,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  const { range } = scene
  const isIn = range !== null && cell.date >= range.from && cell.date <= range.to
  const isToday = cell.date === scene.today
  const isHover = cell.date === scene.hover
  ctx.beginPath()
  ctx.roundRect(x + 0.5, y + 0.5, w - 1, h - 1, scene.layout.isYear ? 2 : 4)
  ctx.strokeStyle = isIn || isActive || isToday ? theme.accent : isHover ? theme.text : theme.line
  ctx.lineWidth = isIn || isActive ? 2 : isToday ? 1.5 : 1
  ctx.stroke()
  if (!isIn) return
  ctx.fillStyle = theme.accent
  ctx.globalAlpha = 0.25
  ctx.fill()
  ctx.globalAlpha = 1
}
