/** Lay a graph out with dagre: positions and sizes of nodes, boxes of open groups, points of edges. Runs in the worker. */
import { layout as dagre, Graph } from '@dagrejs/dagre'

export type Direction = 'LR' | 'TB' | 'RL' | 'BT'

export interface LayoutNode {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly parent: string | null
  readonly isBox: boolean
}

export interface LayoutRequest {
  readonly nodes: readonly LayoutNode[]
  readonly edges: readonly (readonly [string, string])[]
  readonly direction: Direction
}

export interface Placed {
  readonly id: string
  /** Left upper corner, from the graph's own. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface LayoutResult {
  readonly nodes: readonly Placed[]
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  readonly width: number
  readonly height: number
}

/** Room inside a group's box, on top for its name. */
export const BOX = { side: 12, top: 30 }

/** The layout of a request. */
export function layOut(request: LayoutRequest): LayoutResult {
  const graph = new Graph({ compound: true })
  graph.setGraph({ rankdir: request.direction, nodesep: 16, ranksep: 56, edgesep: 8, marginx: 16, marginy: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  const boxes = new Map(request.nodes.filter((node) => node.isBox).map((node) => [node.id, node]))
  for (const node of request.nodes) graph.setNode(node.id, node.isBox ? {} : { width: node.width, height: node.height })
  for (const node of request.nodes) if (node.parent && boxes.has(node.parent)) graph.setParent(node.id, node.parent)
  for (const [from, to] of request.edges) graph.setEdge(from, to)
  dagre(graph)
  const nodes = request.nodes.map((node) => placed(node.id, graph.node(node.id) as Laid))
  const edges = graph.edges().map((edge) => ({
    from: edge.v,
    to: edge.w,
    points: ((graph.edge(edge) as { points?: { x: number; y: number }[] }).points ?? []).map(
      (one) => [one.x, one.y] as const,
    ),
  }))
  const size = graph.graph() as { width?: number; height?: number }
  return { nodes, edges, width: size.width ?? 0, height: size.height ?? 0 }
}

interface Laid {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function placed(id: string, laid: Laid): Placed {
  return { id, x: laid.x - laid.width / 2, y: laid.y - laid.height / 2, width: laid.width, height: laid.height }
}
