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
  /** Without dagre: good enough to look at while dagre works. */
  readonly isQuick?: boolean
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

/** Above so many nodes dagre takes seconds: ranks and one pass of ordering are enough for an overview. */
const QUICK = 700

/** The layout of a request. */
export function layOut(request: LayoutRequest): LayoutResult {
  if (request.isQuick || request.nodes.length > QUICK) return quickLayout(request)
  const graph = new Graph({ compound: true })
  graph.setGraph({
    rankdir: request.direction,
    nodesep: 16,
    ranksep: 56,
    edgesep: 8,
    marginx: 16,
    marginy: 16,
  })
  graph.setDefaultEdgeLabel(() => ({}))
  const boxes = new Map(request.nodes.filter((node) => node.isBox).map((node) => [node.id, node]))
  // Dagre gives a group without members no place: it is laid out as a node.
  const around = new Set(request.nodes.map((node) => node.parent))
  for (const node of request.nodes) {
    const isEmpty = node.isBox && !around.has(node.id)
    graph.setNode(node.id, node.isBox && !isEmpty ? {} : { width: node.width, height: node.height })
  }
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
  return {
    id,
    x: laid.x - laid.width / 2,
    y: laid.y - laid.height / 2,
    width: laid.width,
    height: laid.height,
  }
}

/** Nodes in ranks by the longest way to them, ordered by the middle of what is before them; boxes are left out. */
export function quickLayout(request: LayoutRequest): LayoutResult {
  const nodes = request.nodes.filter((node) => !node.isBox)
  const before = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  const after = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  for (const [from, to] of request.edges) {
    before.get(to)?.push(from)
    after.get(from)?.push(to)
  }
  const ranks = inRanks(nodes, before, after)
  const places = new Map<string, number>()
  for (const rank of ranks) {
    const middle = (id: string, at: number) => {
      const known = (before.get(id) ?? []).map((one) => places.get(one) ?? 0)
      return known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length : at
    }
    const order = rank.map((id, at) => [id, middle(id, at)] as const).sort((a, b) => a[1] - b[1])
    for (const [at, [id]] of order.entries()) places.set(id, at - rank.length / 2)
  }
  return positioned(request, nodes, ranks, places)
}

function inRanks(
  nodes: readonly LayoutNode[],
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const left = new Map(nodes.map((node) => [node.id, before.get(node.id)?.length ?? 0]))
  const rankOf = new Map<string, number>()
  const ready = nodes.filter((node) => left.get(node.id) === 0).map((node) => node.id)
  for (const id of ready) {
    for (const next of after.get(id) ?? []) {
      rankOf.set(next, Math.max(rankOf.get(next) ?? 0, (rankOf.get(id) ?? 0) + 1))
      left.set(next, (left.get(next) ?? 1) - 1)
      if (left.get(next) === 0) ready.push(next)
    }
  }
  const ranks: string[][] = []
  for (const node of nodes) {
    const rank = rankOf.get(node.id) ?? 0
    while (ranks.length <= rank) ranks.push([])
    ranks[rank]?.push(node.id)
  }
  return ranks
}

function positioned(
  request: LayoutRequest,
  nodes: readonly LayoutNode[],
  ranks: readonly (readonly string[])[],
  places: ReadonlyMap<string, number>,
): LayoutResult {
  const isAcross = request.direction === 'LR' || request.direction === 'RL'
  const [width, height] = [nodes[0]?.width ?? 180, nodes[0]?.height ?? 44]
  const tallest = Math.max(...ranks.map((rank) => rank.length), 1)
  const stepRank = isAcross ? width + 90 : height + 70
  const stepPlace = isAcross ? height + 12 : width + 16
  const at = new Map<string, Placed>()
  ranks.forEach((rank, r) => {
    for (const id of rank) {
      const across = ((places.get(id) ?? 0) + tallest / 2) * stepPlace + 16
      const along = r * stepRank + 16
      at.set(id, {
        id,
        x: isAcross ? along : across,
        y: isAcross ? across : along,
        width,
        height,
      })
    }
  })
  const edges = request.edges.flatMap(([from, to]) => {
    const a = at.get(from)
    const b = at.get(to)
    if (!a || !b) return []
    const start = isAcross ? ([a.x + width, a.y + height / 2] as const) : ([a.x + width / 2, a.y + height] as const)
    const end = isAcross ? ([b.x, b.y + height / 2] as const) : ([b.x + width / 2, b.y] as const)
    return [{ from, to, points: [start, end] }]
  })
  const along = ranks.length * stepRank
  const across = tallest * stepPlace + 32
  return {
    nodes: [...at.values()],
    edges,
    width: isAcross ? along : across,
    height: isAcross ? across : along,
  }
}
