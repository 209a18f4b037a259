/** What both renderers of a graph are given, and the words for a node. */
import { stateLabel } from '../kit/states'
import { type GraphScene, kindOf, type SceneNode } from './scene'

export interface GraphViewParts {
  readonly scene: GraphScene
  readonly label: string
  /** The selected node with all before and after it; null: nothing is selected. */
  readonly bright: ReadonlySet<string> | null
  readonly selected: string | null
  /** Bring this node into view; a new object for each wish. */
  readonly wanted: { readonly id: string } | null
  readonly direction: 'LR' | 'TB' | 'RL' | 'BT'
  onSelect(id: string | null): void
  onOpen(id: string): void
  onToggle(group: string): void
}

/** A node in one sentence. */
export function nodeText(node: SceneNode): string {
  const { status } = node
  const parts = [node.node.label, kindOf(node.node), status?.state ? stateLabel(status.state) : null]
  if (status && status.tries > 1) parts.push(`try ${status.tries}`)
  if (status?.counts)
    parts.push(
      Object.entries(status.counts)
        .map(([state, count]) => `${count} ${stateLabel(state).toLowerCase()}`)
        .join(', '),
    )
  return parts.filter(Boolean).join(', ')
}
