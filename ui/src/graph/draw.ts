/** Paints a graph, at any size: boxes, edges, nodes; words only where they can be read. */
import { drawGlyph, type Theme } from '../charts/theme'
import { type GraphScene, kindOf, type SceneEdge, type SceneNode } from './scene'

export interface Camera {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export interface GraphLook {
  readonly camera: Camera
  readonly width: number
  readonly height: number
  /** Stay bright while the others fade; null: all. */
  readonly bright: ReadonlySet<string> | null
  readonly selected: string | null
  readonly hover: string | null
}

/** Below this zoom nodes are only blocks of colour. */
const WORDS = 0.45

export function drawGraph(ctx: CanvasRenderingContext2D, theme: Theme, scene: GraphScene, look: GraphLook): void {
  const { camera } = look
  ctx.fillStyle = theme.background
  ctx.fillRect(0, 0, look.width, look.height)
  ctx.save()
  ctx.translate(camera.x, camera.y)
  ctx.scale(camera.zoom, camera.zoom)
  const view = {
    left: -camera.x / camera.zoom,
    top: -camera.y / camera.zoom,
    right: (look.width - camera.x) / camera.zoom,
    bottom: (look.height - camera.y) / camera.zoom,
  }
  const isSeen = (node: SceneNode) =>
    node.x < view.right && node.x + node.width > view.left && node.y < view.bottom && node.y + node.height > view.top
  for (const node of scene.nodes) if (node.isBox && isSeen(node)) drawBox(ctx, theme, node, camera.zoom)
  drawEdges(ctx, theme, scene.edges, look)
  for (const node of scene.nodes) if (!node.isBox && isSeen(node)) drawNode(ctx, theme, node, look)
  ctx.restore()
}

function drawBox(ctx: CanvasRenderingContext2D, theme: Theme, node: SceneNode, zoom: number): void {
  ctx.beginPath()
  ctx.roundRect(node.x, node.y, node.width, node.height, 6)
  ctx.globalAlpha = 0.6
  ctx.fillStyle = theme.surface
  ctx.fill()
  ctx.globalAlpha = 1
  ctx.strokeStyle = theme.strong
  ctx.lineWidth = 1
  ctx.stroke()
  if (zoom < WORDS * 0.6) return
  ctx.font = `600 12px ${theme.font}`
  ctx.fillStyle = theme.text
  ctx.textBaseline = 'top'
  ctx.fillText(node.node.label, node.x + 10, node.y + 8)
}

function drawEdges(ctx: CanvasRenderingContext2D, theme: Theme, edges: readonly SceneEdge[], look: GraphLook): void {
  const isBright = (edge: SceneEdge) => look.bright === null || (look.bright.has(edge.from) && look.bright.has(edge.to))
  ctx.lineWidth = Math.max(1, 0.6 / look.camera.zoom)
  for (const bright of [false, true]) {
    ctx.strokeStyle = bright && look.bright ? theme.accent : theme.strong
    ctx.globalAlpha = bright ? 0.9 : 0.2
    ctx.beginPath()
    for (const edge of edges) if (isBright(edge) === bright) trace(ctx, edge.points)
    ctx.stroke()
  }
  ctx.globalAlpha = 1
  if (look.camera.zoom < WORDS) return
  ctx.font = `11px ${theme.font}`
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  for (const edge of edges) {
    if (isBright(edge)) arrow(ctx, theme, edge.points, look.bright !== null)
    if (edge.label) drawLabel(ctx, theme, edge)
  }
  ctx.textAlign = 'start'
}

/** A smooth line through the points that the layout gave. */
function trace(ctx: CanvasRenderingContext2D, points: SceneEdge['points']): void {
  const [first, ...rest] = points
  const last = rest[rest.length - 1]
  if (!first || !last) return
  ctx.moveTo(first[0], first[1])
  for (let at = 0; at < rest.length - 1; at++) {
    const here = rest[at] as readonly [number, number]
    const next = rest[at + 1] as readonly [number, number]
    ctx.quadraticCurveTo(here[0], here[1], (here[0] + next[0]) / 2, (here[1] + next[1]) / 2)
  }
  ctx.lineTo(last[0], last[1])
}

function arrow(ctx: CanvasRenderingContext2D, theme: Theme, points: SceneEdge['points'], isHot: boolean): void {
  const end = points[points.length - 1]
  const before = points[points.length - 2]
  if (!end || !before) return
  const angle = Math.atan2(end[1] - before[1], end[0] - before[0])
  ctx.beginPath()
  ctx.moveTo(end[0], end[1])
  ctx.lineTo(end[0] - 7 * Math.cos(angle - 0.45), end[1] - 7 * Math.sin(angle - 0.45))
  ctx.lineTo(end[0] - 7 * Math.cos(angle + 0.45), end[1] - 7 * Math.sin(angle + 0.45))
  ctx.closePath()
  ctx.fillStyle = isHot ? theme.accent : theme.strong
  ctx.fill()
}

function drawLabel(ctx: CanvasRenderingContext2D, theme: Theme, edge: SceneEdge): void {
  const middle = edge.points[Math.floor(edge.points.length / 2)]
  if (!middle || !edge.label) return
  const width = ctx.measureText(edge.label).width + 8
  ctx.fillStyle = theme.background
  ctx.fillRect(middle[0] - width / 2, middle[1] - 8, width, 16)
  ctx.fillStyle = theme.muted
  ctx.fillText(edge.label, middle[0], middle[1])
}

function drawNode(ctx: CanvasRenderingContext2D, theme: Theme, node: SceneNode, look: GraphLook): void {
  const { x, y, width, height } = node
  const state = theme.look(node.status?.state ?? null)
  const isKnown = node.status?.state != null
  const isHot = look.selected === node.id || look.hover === node.id
  ctx.globalAlpha = look.bright && !look.bright.has(node.id) ? 0.3 : 1
  ctx.beginPath()
  ctx.roundRect(x, y, width, height, 5)
  ctx.fillStyle = look.camera.zoom < WORDS && isKnown ? state.fill : theme.background
  ctx.fill()
  ctx.strokeStyle = isHot ? theme.accent : isKnown ? state.ink : theme.strong
  ctx.lineWidth = isHot ? 3 : 1.25
  if (node.isOutside) ctx.setLineDash([5, 4])
  ctx.stroke()
  ctx.setLineDash([])
  if (look.camera.zoom >= WORDS) drawWords(ctx, theme, node)
  ctx.globalAlpha = 1
}

function drawWords(ctx: CanvasRenderingContext2D, theme: Theme, node: SceneNode): void {
  const { x, y, width, height, status } = node
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, width - 6, height)
  ctx.clip()
  const look = theme.look(status?.state ?? null)
  if (status) {
    ctx.fillStyle = look.fill
    ctx.fillRect(x, y + 1, 22, height - 2)
    drawGlyph(ctx, look, x + 5, y + height / 2 - 6, 12, look.on)
  }
  const left = x + (status ? 30 : 10)
  ctx.textBaseline = 'middle'
  ctx.font = `600 12px ${theme.font}`
  ctx.fillStyle = theme.text
  const mark = node.isClosedGroup ? '▸ ' : ''
  ctx.fillText(mark + node.node.label + (node.node.mapped ? ' [ ]' : ''), left, y + 15)
  ctx.font = `11px ${theme.font}`
  ctx.fillStyle = theme.muted
  const tries = status && status.tries > 1 ? ` · try ${status.tries}` : ''
  ctx.fillText(kindOf(node.node) + tries, left, y + 31)
  ctx.restore()
  if (status?.counts) drawShares(ctx, theme, status.counts, x + 23, y + height - 5, width - 28)
}

function drawShares(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  counts: Readonly<Record<string, number>>,
  x: number,
  y: number,
  width: number,
): void {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  let left = x
  for (const [state, count] of Object.entries(counts)) {
    const part = (width * count) / Math.max(1, total)
    ctx.fillStyle = theme.look(state).fill
    ctx.fillRect(left, y, part, 3)
    left += part
  }
}

/** The camera that shows all of it. */
export function fitted(scene: GraphScene, width: number, height: number, most = 1): Camera {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const node of scene.nodes) {
    left = Math.min(left, node.x)
    top = Math.min(top, node.y)
    right = Math.max(right, node.x + node.width)
    bottom = Math.max(bottom, node.y + node.height)
  }
  if (right < left) return { zoom: most, x: 0, y: 0 }
  const zoom = Math.min(most, (width - 32) / (right - left), (height - 32) / (bottom - top))
  return { zoom, x: (width - (left + right) * zoom) / 2, y: (height - (top + bottom) * zoom) / 2 }
}

/** The camera moved so that a node is in the middle and can be read. */
export function centred(node: SceneNode, camera: Camera, width: number, height: number): Camera {
  const zoom = Math.max(camera.zoom, 0.9)
  return {
    zoom,
    x: width / 2 - (node.x + node.width / 2) * zoom,
    y: height / 2 - (node.y + node.height / 2) * zoom,
  }
}

/** Zoomed by a factor, the point of the screen staying where it is. */
export function zoomedAt(camera: Camera, x: number, y: number, factor: number): Camera {
  const zoom = Math.max(0.02, Math.min(3, camera.zoom * factor))
  const scale = zoom / camera.zoom
  return { zoom, x: x - (x - camera.x) * scale, y: y - (y - camera.y) * scale }
}

/** The node under a point of the screen; the inner ones before the boxes around them. */
export function nodeAt(scene: GraphScene, camera: Camera, x: number, y: number): SceneNode | null {
  const px = (x - camera.x) / camera.zoom
  const py = (y - camera.y) / camera.zoom
  const hit = (node: SceneNode) =>
    px >= node.x && px <= node.x + node.width && py >= node.y && py <= node.y + node.height
  const onHead = (node: SceneNode) => hit(node) && py <= node.y + 30
  return (
    scene.nodes.find((node) => !node.isBox && hit(node)) ??
    scene.nodes.findLast((node) => node.isBox && onHead(node)) ??
    null
  )
}
