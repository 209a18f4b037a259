/** The graph of a DAG as data: groups folded, a neighbourhood picked out, and what comes before and after a node. Pure. */

export interface GraphNode {
  readonly id: string
  readonly label: string
  readonly op?: string | null
  readonly parent?: string | null
  readonly type: 'task' | 'group' | 'dag' | 'asset' | 'sensor' | 'trigger'
  readonly color?: string | null
  /** Of an asset: its page. */
  readonly asset_id?: number | null
  readonly mapped?: boolean | number
  readonly setup?: boolean | number
  readonly teardown?: boolean | number
}

export type GraphEdge = readonly [string, string, (string | null)?]

export interface GraphAnswer {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly version?: string | number | null
}

const ROOM = { width: 196, height: 60, across: 240, down: 92 }

/** Which way a graph is seen larger in a pane of this size: its ranks below each other, or beside. A guess from the
 * longest way through it and the most nodes of one rank; the layout itself comes later, from a worker. */
export function betterDirection(answer: GraphAnswer, width: number, height: number): 'TB' | 'LR' {
  const ranks = ranksOf(answer)
  const deep = ranks.length
  const broad = Math.max(1, ...ranks)
  const down = Math.min(width / (broad * ROOM.width), height / (deep * ROOM.down))
  const across = Math.min(width / (deep * ROOM.across), height / (broad * ROOM.height))
  return Math.min(1, down) >= Math.min(1, across) ? 'TB' : 'LR'
}

/** How many nodes are at each distance from the beginnings; groups are boxes around others and count for nothing. */
function ranksOf(answer: GraphAnswer): number[] {
  const ids = answer.nodes.filter((node) => node.type !== 'group').map((node) => node.id)
  const before = new Map(ids.map((id) => [id, 0]))
  const after = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const [from, to] of answer.edges) {
    if (!before.has(from) || !before.has(to)) continue
    before.set(to, (before.get(to) ?? 0) + 1)
    after.get(from)?.push(to)
  }
  const ranks: number[] = []
  let here = ids.filter((id) => before.get(id) === 0)
  while (here.length > 0) {
    ranks.push(here.length)
    const next: string[] = []
    for (const id of here) {
      for (const to of after.get(id) ?? []) {
        const left = (before.get(to) ?? 1) - 1
        before.set(to, left)
        if (left === 0) next.push(to)
      }
    }
    here = next
  }
  return ranks
}

/** What is to be laid out: no closed group's inside, each edge once. */
export interface Shown {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Open groups: they are boxes around others, not nodes. */
  readonly open: ReadonlySet<string>
}

/** Above so many visible nodes the groups begin closed and a focus is offered. */
export const MANY = 300

/** Groups that begin closed: none of a small graph, all of a large one. */
export function initiallyClosed(answer: GraphAnswer): Set<string> {
  if (answer.nodes.filter((node) => node.type !== 'group').length <= MANY) return new Set()
  return new Set(answer.nodes.filter((node) => node.type === 'group').map((node) => node.id))
}

/** Fold the closed groups: their members' edges become the group's. */
export function fold(answer: GraphAnswer, closed: ReadonlySet<string>): Shown {
  const parents = new Map(answer.nodes.map((node) => [node.id, node.parent ?? null]))
  const stands = new Map<string, string>()
  for (const node of answer.nodes) stands.set(node.id, standIn(node.id, parents, closed))
  const nodes = answer.nodes.filter((node) => stands.get(node.id) === node.id)
  const open = new Set(nodes.filter((node) => node.type === 'group' && !closed.has(node.id)).map((node) => node.id))
  return { nodes, edges: merged(answer.edges, stands, open), open }
}

/** The outermost closed group around a node, else the node. */
function standIn(id: string, parents: ReadonlyMap<string, string | null>, closed: ReadonlySet<string>): string {
  let found = id
  for (let up = parents.get(id); up; up = parents.get(up)) if (closed.has(up)) found = up
  return found
}

function merged(
  edges: readonly GraphEdge[],
  stands: ReadonlyMap<string, string>,
  open: ReadonlySet<string>,
): GraphEdge[] {
  const found = new Map<string, GraphEdge>()
  for (const [from, to, label] of edges) {
    const a = stands.get(from) ?? from
    const b = stands.get(to) ?? to
    if (a === b || open.has(a) || open.has(b) || !stands.has(from) || !stands.has(to)) continue
    const key = `${a}\u0000${b}`
    if (!found.has(key)) found.set(key, label ? [a, b, label] : [a, b])
  }
  return [...found.values()]
}

/** Only what is at most so many steps from a node, and the groups around it. */
export function focusOn(answer: GraphAnswer, id: string, steps: number): GraphAnswer {
  const kept = new Set([id])
  let edge = [id]
  const next = adjacency(answer.edges)
  for (let step = 0; step < steps; step++) {
    edge = edge
      .flatMap((one) => [...(next.down.get(one) ?? []), ...(next.up.get(one) ?? [])])
      .filter((one) => !kept.has(one))
    for (const one of edge) kept.add(one)
  }
  const parents = new Map(answer.nodes.map((node) => [node.id, node.parent ?? null]))
  for (const one of [...kept]) for (let up = parents.get(one); up; up = parents.get(up)) kept.add(up)
  return {
    ...answer,
    nodes: answer.nodes.filter((node) => kept.has(node.id)),
    edges: answer.edges.filter(([from, to]) => kept.has(from) && kept.has(to)),
  }
}

interface Adjacency {
  readonly up: ReadonlyMap<string, readonly string[]>
  readonly down: ReadonlyMap<string, readonly string[]>
}

function adjacency(edges: readonly GraphEdge[]): Adjacency {
  const up = new Map<string, string[]>()
  const down = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, value: string) => {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
  }
  for (const [from, to] of edges) {
    add(down, from, to)
    add(up, to, from)
  }
  return { up, down }
}

/** A node, all before it and all after it: what stays bright when it is selected. */
export function related(edges: readonly GraphEdge[], id: string): Set<string> {
  const { up, down } = adjacency(edges)
  const found = new Set([id])
  for (const next of [up, down]) {
    const waiting = [id]
    const seen = new Set([id])
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      for (const other of next.get(one) ?? []) {
        if (seen.has(other)) continue
        seen.add(other)
        found.add(other)
        waiting.push(other)
      }
    }
  }
  return found
}

/** Nodes whose id or label holds the words, best first: those that begin with them. */
export function search(nodes: readonly GraphNode[], text: string): GraphNode[] {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return []
  const found = nodes.filter(
    (node) => node.id.toLowerCase().includes(wanted) || node.label.toLowerCase().includes(wanted),
  )
  return found.sort((a, b) => rank(a, wanted) - rank(b, wanted) || a.id.localeCompare(b.id))
}

function rank(node: GraphNode, wanted: string): number {
  const label = node.label.toLowerCase()
  return label === wanted || node.id.toLowerCase() === wanted ? 0 : label.startsWith(wanted) ? 1 : 2
}
