/** A laid out graph as it is drawn: by React Flow when it is small, on a canvas when it is large, as a file to keep. */
import type { LayoutResult, Placed } from './layout'
import type { GraphNode } from './model'

/** What a run says of a node. */
export interface NodeStatus {
  readonly state: string | null
  readonly tries: number
  /** Of a mapped task or a group: how its instances share the states. */
  readonly counts: Readonly<Record<string, number>> | null
}

export interface SceneNode extends Placed {
  readonly node: GraphNode
  /** An open group: a box around others. */
  readonly isBox: boolean
  readonly isClosedGroup: boolean
  /** Not of the kind that this graph is of: drawn with dashes. */
  readonly isOutside: boolean
  readonly status: NodeStatus | null
}

export interface SceneEdge {
  readonly from: string
  readonly to: string
  readonly label: string | null
  readonly points: LayoutResult['edges'][number]['points']
}

export interface GraphScene {
  readonly nodes: readonly SceneNode[]
  readonly edges: readonly SceneEdge[]
  readonly width: number
  readonly height: number
}

export const NODE = { width: 180, height: 44 }

/** A second line for a node: its operator, or what kind of thing it is. */
export function kindOf(node: GraphNode): string {
  if (node.op) return node.op
  const words: Record<string, string> = {
    dag: 'DAG',
    asset: 'dataset',
    sensor: 'sensor',
    trigger: 'trigger',
    group: 'group',
    task: '',
  }
  return words[node.type] ?? node.type
}

/** The scene out of a layout, what it is of, and what a run says. */
export function toScene(
  layout: LayoutResult,
  nodes: readonly GraphNode[],
  labels: ReadonlyMap<string, string>,
  open: ReadonlySet<string>,
  statusOf: (id: string) => NodeStatus | null,
): GraphScene {
  const isOfTasks = nodes.some((node) => node.type === 'task')
  const isOwn = (node: GraphNode) => (isOfTasks ? node.type === 'task' || node.type === 'group' : node.type === 'dag')
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const placed = layout.nodes.flatMap((at) => {
    const node = byId.get(at.id)
    if (!node) return []
    const isGroup = node.type === 'group'
    return [
      {
        ...at,
        node,
        isBox: open.has(at.id),
        isClosedGroup: isGroup && !open.has(at.id),
        isOutside: !isOwn(node),
        status: statusOf(at.id),
      },
    ]
  })
  const edges = layout.edges.map((edge) => ({
    ...edge,
    label: labels.get(`${edge.from}\u0000${edge.to}`) ?? null,
  }))
  return { nodes: placed, edges, width: layout.width, height: layout.height }
}
