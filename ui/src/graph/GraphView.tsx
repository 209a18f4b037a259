/** A graph with its tools: folding, search, focus on a node, direction, table, export. For DAGs and for what lies between them. */
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react'
import { getTheme } from '../charts/theme'
import { Button, IconButton } from '../kit/Button'
import { Chip } from '../kit/Chip'
import { SearchInput } from '../kit/Field'
import { plural, t } from '../kit/i18n'
import { Menu } from '../kit/Menu'
import { Empty, ErrorBox, Skeleton } from '../kit/Placeholder'
import { CanvasGraph } from './CanvasGraph'
import { save, toPng, toSvg } from './export'
import { GraphTable } from './GraphTable'
import styles from './graph.module.css'
import type { Direction, LayoutResult } from './layout'
import { layoutClient } from './layoutClient'
import { focusOn, fold, type GraphAnswer, initiallyClosed, MANY, related, type Shown, search } from './model'
import { NODE, type NodeStatus, toScene } from './scene'

const FlowGraph = lazy(async () => ({
  default: (await import('./FlowGraph')).FlowGraph,
}))

/** Above so many nodes they are painted and not elements: a page has at most 1,500. */
const ELEMENTS = 110

export interface GraphViewProps {
  readonly answer: GraphAnswer
  /** What the layout is remembered by: the DAG and its version. */
  readonly cacheKey: string
  readonly label: string
  readonly direction: Direction
  onDirection(direction: Direction): void
  /** Id of the node in focus with how many steps around it: "load~2"; empty: all. */
  readonly focus: string
  onFocus(focus: string): void
  readonly isTable: boolean
  onTable(isTable: boolean): void
  statusOf(id: string): NodeStatus | null
  /** Changes when what `statusOf` says changes. */
  readonly statusKey: unknown
  onOpen(id: string): void
  /** More tools at the left. */
  readonly tools?: ReactNode
}

/** Above so many nodes dagre takes long enough to show something simpler before it. */
const SLOW = 150

/** "load~2" as its parts. */
export function focusParts(focus: string): { id: string; steps: number } | null {
  const at = focus.lastIndexOf('~')
  if (at <= 0) return null
  return {
    id: focus.slice(0, at),
    steps: Math.max(1, Number(focus.slice(at + 1)) || 1),
  }
}

function useLayout(key: string, shown: Shown, direction: Direction) {
  const [found, setFound] = useState<{
    shown: Shown
    layout: LayoutResult
  } | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    let isWanted = true
    const open = shown.open
    const parents = new Map(shown.nodes.map((node) => [node.id, node.parent ?? null]))
    const ids = [...open].sort().join(',')
    const request = {
      nodes: shown.nodes.map((node) => ({
        id: node.id,
        ...NODE,
        parent: parents.get(node.id) ?? null,
        isBox: open.has(node.id),
      })),
      edges: shown.edges.map(([from, to]) => [from, to] as const),
      direction,
    }
    const name = `${key} ${direction} ${shown.nodes.length} ${shown.edges.length} ${ids}`
    const ask = (one: string, isQuick: boolean) =>
      layoutClient.layout(one, { ...request, isQuick }).then(
        (layout) => isWanted && setFound({ shown, layout }),
        (problem: unknown) => isWanted && setError(problem),
      )
    if (shown.nodes.length > SLOW && !layoutClient.has(name)) void ask(`${name} quick`, true)
    void ask(name, false)
    return () => {
      isWanted = false
    }
  }, [key, shown, direction])
  return { found, error }
}

export function GraphView(props: GraphViewProps) {
  const { answer, direction } = props
  const [closed, setClosed] = useState(() => initiallyClosed(answer))
  const [selected, setSelected] = useState<string | null>(null)
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState<{ id: string } | null>(null)
  const focus = focusParts(props.focus)
  const focusKey = focus ? props.focus : ''
  // The focus is told by its key
  const shown = useMemo(
    () => fold(focus ? focusOn(answer, focus.id, focus.steps) : answer, closed),
    [answer, closed, focusKey],
  )
  const { found, error } = useLayout(`${props.cacheKey} ${focusKey}`, shown, direction)
  // The states are told by their key
  const scene = useMemo(() => {
    if (!found) return null
    const labels = new Map(
      found.shown.edges.flatMap(([a, b, label]) => (label ? [[`${a}\u0000${b}`, label] as const] : [])),
    )
    return toScene(found.layout, found.shown.nodes, labels, found.shown.open, props.statusOf)
  }, [found, props.statusKey])
  const bright = useMemo(() => (selected && found ? related(found.shown.edges, selected) : null), [selected, found])
  const matches = useMemo(() => search(shown.nodes, text), [shown, text])
  const toggle = (group: string) => {
    const next = new Set(closed)
    if (!next.delete(group)) next.add(group)
    setClosed(next)
  }
  const find = (value: string) => {
    setText(value)
    const [first] = search(shown.nodes, value)
    if (first) {
      setSelected(first.id)
      setWanted({ id: first.id })
    }
  }
  const groups = answer.nodes.filter((node) => node.type === 'group').map((node) => node.id)
  const isLarge = answer.nodes.length - groups.length > MANY
  const count = scene?.nodes.length ?? shown.nodes.length
  const download = async (kind: 'svg' | 'png') => {
    if (!scene) return
    const name = `${props.cacheKey.split(' ')[0]}.${kind}`
    if (kind === 'svg') return save(new Blob([toSvg(scene, getTheme())], { type: 'image/svg+xml' }), name)
    const blob = await toPng(scene, getTheme())
    if (blob) save(blob, name)
  }
  if (answer.nodes.length === 0) return <Empty title={t('graph.none', 'Nothing to draw')} icon="graph" />
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        {props.tools}
        <div className={styles.search}>
          <SearchInput value={text} onChange={find} label={t('graph.search', 'Find a node')} />
        </div>
        {text && <span className="muted">{plural(matches.length, 'match', 'matches')}</span>}
        {focus && (
          <Chip tone="accent" onRemove={() => props.onFocus('')}>
            {focus.id} ± {focus.steps}
          </Chip>
        )}
        {focus && (
          <IconButton
            size="sm"
            icon="plus"
            label={t('graph.wider', 'One step more')}
            onClick={() => props.onFocus(`${focus.id}~${focus.steps + 1}`)}
          />
        )}
        <span className={styles.spring} />
        <span className="muted">{plural(count, 'node', 'nodes')}</span>
        <IconButton
          icon="arrowDown"
          label={direction === 'LR' ? t('graph.down', 'Lay out downwards') : t('graph.across', 'Lay out left to right')}
          pressed={direction === 'TB'}
          onClick={() => props.onDirection(direction === 'LR' ? 'TB' : 'LR')}
        />
        <Menu
          label={t('graph.more', 'More')}
          align="end"
          trigger={(more) => <IconButton icon="more" label={t('graph.more', 'More')} {...more} />}
          items={[
            {
              label: t('chart.table', 'As table'),
              checked: props.isTable,
              onSelect: () => props.onTable(!props.isTable),
            },
            ...(groups.length > 0
              ? [
                  {
                    label: t('graph.open', 'Open all groups'),
                    onSelect: () => setClosed(new Set()),
                  },
                  {
                    label: t('graph.close', 'Close all groups'),
                    onSelect: () => setClosed(new Set(groups)),
                  },
                ]
              : []),
            { kind: 'separator' },
            {
              label: t('graph.svg', 'Save as SVG'),
              icon: 'download',
              onSelect: () => void download('svg'),
            },
            {
              label: t('graph.png', 'Save as PNG'),
              icon: 'download',
              onSelect: () => void download('png'),
            },
          ]}
        />
      </div>
      {selected && (
        <div className={styles.bar} role="toolbar" aria-label={t('graph.selected', 'Selected node')}>
          <strong className="truncate">{selected}</strong>
          <span className="muted">{plural((bright?.size ?? 1) - 1, 'relative', 'relatives')}</span>
          <Button size="sm" onClick={() => props.onOpen(selected)}>
            {t('graph.openNode', 'Open')}
          </Button>
          <Button size="sm" onClick={() => props.onFocus(`${selected}~1`)}>
            {t('graph.focus', 'Only its neighbours')}
          </Button>
          <IconButton
            size="sm"
            icon="close"
            label={t('graph.unselect', 'Clear the selection')}
            onClick={() => setSelected(null)}
          />
        </div>
      )}
      {isLarge && !focus && !selected && (
        <p className={styles.hint}>
          {t('graph.large', '{n} nodes: find one, then show only its neighbours.', {
            n: answer.nodes.length - groups.length,
          })}
        </p>
      )}
      {props.isTable ? (
        <GraphTable shown={shown} statusOf={props.statusOf} onOpen={props.onOpen} />
      ) : error ? (
        <ErrorBox error={error} />
      ) : !scene ? (
        <Skeleton rows={8} label={t('graph.laying', 'Laying out the graph')} />
      ) : (
        <Suspense fallback={<Skeleton rows={8} />}>
          <Picture
            scene={scene}
            label={props.label}
            bright={bright}
            selected={selected}
            wanted={wanted}
            direction={direction}
            onSelect={setSelected}
            onOpen={props.onOpen}
            onToggle={toggle}
          />
        </Suspense>
      )}
    </div>
  )
}

function Picture(props: React.ComponentProps<typeof CanvasGraph>) {
  return props.scene.nodes.length > ELEMENTS ? <CanvasGraph {...props} /> : <FlowGraph {...props} />
}
