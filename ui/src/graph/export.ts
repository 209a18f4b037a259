/** A graph as a file: SVG by text, PNG by the same painter that draws the large ones. */
import type { Theme } from '../charts/theme'
import { drawGraph } from './draw'
import { type GraphScene, kindOf, type SceneNode } from './scene'

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char)

/** The graph as an SVG document. */
export function toSvg(scene: GraphScene, theme: Theme): string {
  const edges = scene.edges.map((edge) => {
    const path = edge.points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
    const middle = edge.points[Math.floor(edge.points.length / 2)]
    const label =
      edge.label && middle
        ? `<text x="${round(middle[0])}" y="${round(middle[1])}" text-anchor="middle" font-size="11" fill="${theme.muted}">${escaped(edge.label)}</text>`
        : ''
    return `<path d="${path}" fill="none" stroke="${theme.strong}" marker-end="url(#arrow)"/>${label}`
  })
  const marker = `<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="${theme.strong}"/></marker></defs>`
  const [boxes, nodes] = [scene.nodes.filter((node) => node.isBox), scene.nodes.filter((node) => !node.isBox)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(scene.width)}" height="${Math.ceil(scene.height)}" font-family="sans-serif">`,
    marker,
    `<rect width="100%" height="100%" fill="${theme.background}"/>`,
    ...boxes.map((node) => svgBox(node, theme)),
    ...edges,
    ...nodes.map((node) => svgNode(node, theme)),
    '</svg>',
  ].join('\n')
}

const round = (value: number): number => Math.round(value * 10) / 10

function svgBox(node: SceneNode, theme: Theme): string {
  const place = `x="${round(node.x)}" y="${round(node.y)}" width="${round(node.width)}" height="${round(node.height)}"`
  return `<rect ${place} rx="6" fill="${theme.surface}" stroke="${theme.strong}"/><text x="${round(node.x + 10)}" y="${round(node.y + 18)}" font-size="12" font-weight="600" fill="${theme.text}">${escaped(node.node.label)}</text>`
}

function svgNode(node: SceneNode, theme: Theme): string {
  const look = node.status?.state ? theme.look(node.status.state) : null
  const place = `x="${round(node.x)}" y="${round(node.y)}" width="${round(node.width)}" height="${round(node.height)}"`
  const dash = node.isOutside ? ' stroke-dasharray="5 4"' : ''
  const left = node.x + (look ? 30 : 10)
  const state = look
    ? `<rect x="${round(node.x)}" y="${round(node.y)}" width="22" height="${round(node.height)}" rx="5" fill="${look.fill}"/>`
    : ''
  return `<g><title>${escaped(node.id)}${node.status?.state ? `: ${node.status.state}` : ''}</title><rect ${place} rx="5" fill="${theme.background}" stroke="${look?.ink ?? theme.strong}"${dash}/>${state}<text x="${round(left)}" y="${round(node.y + 19)}" font-size="12" font-weight="600" fill="${theme.text}">${escaped(node.node.label)}</text><text x="${round(left)}" y="${round(node.y + 35)}" font-size="11" fill="${theme.muted}">${escaped(kindOf(node.node))}</text></g>`
}

/** The longest side that browsers let a canvas have, less some. */
const MOST = 12_000

/** The graph as a PNG, twice its size where that fits. */
export function toPng(scene: GraphScene, theme: Theme): Promise<Blob | null> {
  const scale = Math.min(2, MOST / Math.max(scene.width, scene.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(scene.width * scale)
  canvas.height = Math.ceil(scene.height * scale)
  const ctx = canvas.getContext('2d')
  if (!ctx) return Promise.resolve(null)
  drawGraph(ctx, theme, scene, {
    camera: { x: 0, y: 0, zoom: scale },
    width: canvas.width,
    height: canvas.height,
    bright: null,
    selected: null,
    hover: null,
  })
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
}

/** Hand a file to the visitor. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
