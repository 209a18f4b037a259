/** A graph of moderate size by React Flow: nodes are elements, so that they can be tabbed to, read and zoomed. */
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { memo, useEffect, useMemo, useRef } from 'react'
import { cx } from '../kit/cx'
import { useTheme } from '../charts/theme'
import { StateCell } from '../kit/StateBadge'
import { fitted } from './draw'
import styles from './graph.module.css'
import { type GraphViewParts, nodeText } from './parts'
import { kindOf, type SceneNode } from './scene'

type Data = {
  node: SceneNode
  isDim: boolean
  isSelected: boolean
  isAcross: boolean
  [key: string]: unknown
}

const TaskNode = memo(function TaskNode({ data }: NodeProps<Node<Data>>) {
  const { node, isDim, isSelected, isAcross } = data
  const { status } = node
  return (
    <div
      className={cx(styles.node, isDim && styles.dim, isSelected && styles.selected, node.isOutside && styles.outside)}
      style={{
        borderColor: status?.state ? `var(--st-${status.state}-ink)` : undefined,
      }}
      title={node.node.label}
    >
      <Handle type="target" position={isAcross ? Position.Left : Position.Top} isConnectable={false} />
      {status && <StateCell state={status.state} size={18} />}
      <div className={styles.words}>
        <div className={styles.label}>
          {node.isClosedGroup && '▸ '}
          {node.node.label}
          {node.node.mapped ? ' [ ]' : ''}
        </div>
        <div className={styles.kind}>
          {kindOf(node.node)}
          {status && status.tries > 1 && ` · try ${status.tries}`}
        </div>
        {status?.counts && <Shares counts={status.counts} />}
      </div>
      <Handle type="source" position={isAcross ? Position.Right : Position.Bottom} isConnectable={false} />
    </div>
  )
})

function Shares({ counts }: { counts: Readonly<Record<string, number>> }) {
  return (
    <div className={styles.shares}>
      {Object.entries(counts).map(([state, count]) => (
        <span key={state} data-state-fill={state} style={{ flexGrow: count, background: `var(--st-${state})` }} />
      ))}
    </div>
  )
}

const BoxNode = memo(function BoxNode({ data }: NodeProps<Node<Data>>) {
  return <div className={styles.box}>▾ {data.node.node.label}</div>
})

const TYPES = { task: TaskNode, box: BoxNode }

/** Below this zoom a node's name cannot be read: rather begin at the graph's beginning. */
const READABLE = 0.55

/** All of it where it can be read so, else its first nodes. */
function firstView(scene: GraphViewParts['scene'], box: HTMLElement | null): { x: number; y: number; zoom: number } {
  const [width, height] = [box?.clientWidth ?? 800, box?.clientHeight ?? 600]
  const fit = fitted(scene, width, height)
  if (fit.zoom >= READABLE) return fit
  const zoom = READABLE
  const place = (room: number, size: number) => (size * zoom > room ? 8 : (room - size * zoom) / 2)
  return { zoom, x: place(width, scene.width), y: place(height, scene.height) }
}

export function FlowGraph(props: GraphViewParts) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow({ scene, label, bright, selected, wanted, direction, onSelect, onOpen, onToggle }: GraphViewParts) {
  const flow = useReactFlow()
  const box = useRef<HTMLElement>(null)
  const isAcross = direction === 'LR' || direction === 'RL'
  const nodes = useMemo<Node<Data>[]>(
    () =>
      scene.nodes.map((node) => ({
        id: node.id,
        type: node.isBox ? 'box' : 'task',
        position: { x: node.x, y: node.y },
        width: node.width,
        height: node.height,
        zIndex: node.isBox ? -1 : 1,
        ariaLabel: nodeText(node),
        data: {
          node,
          isDim: bright !== null && !bright.has(node.id),
          isSelected: selected === node.id,
          isAcross,
        },
      })),
    [scene, bright, selected, isAcross],
  )
  const color = useTheme().strong
  const edges = useMemo<Edge[]>(
    () =>
      scene.edges.map((edge) => {
        const isHot = bright?.has(edge.from) && bright.has(edge.to)
        return {
          id: `${edge.from}\u0000${edge.to}`,
          source: edge.from,
          target: edge.to,
          label: edge.label ?? undefined,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color },
          className: cx(styles.edge, isHot ? styles.hot : bright ? styles.dim : undefined),
          focusable: false,
        }
      }),
    [scene, bright, color],
  )
  // Another layout is shown whole
  useEffect(() => {
    const frame = requestAnimationFrame(() => void flow.setViewport(firstView(scene, box.current)))
    return () => cancelAnimationFrame(frame)
  }, [scene.width, scene.height])
  useEffect(() => {
    const node = wanted && scene.nodes.find((one) => one.id === wanted.id)
    if (node)
      void flow.setCenter(node.x + node.width / 2, node.y + node.height / 2, {
        zoom: Math.max(1, flow.getZoom()),
      })
  }, [wanted, scene, flow])
  return (
    <section
      ref={box}
      className={styles.flow}
      aria-label={label}
      onKeyDown={(event) => {
        const id = (event.target as Element).closest('[data-id]')?.getAttribute('data-id')
        const node = scene.nodes.find((one) => one.id === id)
        if (event.key === 'Escape' && selected !== null) onSelect(null)
        else if (!node || (event.key !== 'Enter' && event.key !== ' ')) return
        else if (node.node.type === 'group') onToggle(node.id)
        else if (event.key === ' ' || selected !== node.id) onSelect(node.id)
        else onOpen(node.id)
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <ReactFlow
        defaultViewport={{ x: 0, y: 0, zoom: 0.6 }}
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        minZoom={0.05}
        maxZoom={2.5}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => (node.data.node.node.type === 'group' ? onToggle(node.id) : onSelect(node.id))}
        onNodeDoubleClick={(_, node) => node.data.node.node.type !== 'group' && onOpen(node.id)}
        onPaneClick={() => onSelect(null)}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}
