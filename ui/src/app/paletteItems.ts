/** What the palette can find, out of the server's index, the places and the actions. Pure but for `can`. */
import { search } from '../kit/fuzzy'
import { t } from '../kit/i18n'
import type { IconName } from '../kit/icons'
import type { Place } from './nav'

/** The answer of /ui/v1/search. */
export type SearchIndex = {
  dags?: [id: string, name: string | null, paused: boolean | 0 | 1][]
  tasks?: [dag_id: string, task_id: string][]
  runs?: [dag_id: string, run_id: string, state: string][]
  assets?: (string | [id: number, uri: string] | { id: number; uri: string })[]
  connections?: (string | [string, ...unknown[]])[]
  variables?: string[]
  pools?: string[]
}

export type Kind =
  'page' | 'dag' | 'run' | 'task' | 'asset' | 'connection' | 'variable' | 'pool' | 'action' | 'trigger' | 'pause'

export type Item = {
  kind: Kind
  label: string
  /** Behind the label: what it belongs to. */
  sub?: string
  icon: IconName
  /** Lower case, to search in. */
  text: string
  to?: string
  /** For actions: what to do, and to which DAG. */
  run?: () => void
  dagId?: string
  paused?: boolean
}

const enc = encodeURIComponent

const item = (kind: Kind, label: string, icon: IconName, to: string, sub?: string): Item => ({
  kind,
  label,
  icon,
  to,
  sub,
  text: `${label} ${sub ?? ''}`.toLowerCase(),
})

/** All that one request brings, flat. */
export function itemsOf(index: SearchIndex, places: readonly Place[], actions: readonly Item[]): Item[] {
  return [
    ...places.map((place) => item('page', place.label, place.icon, place.to)),
    ...actions,
    ...(index.dags ?? []).map(([id, name, paused]): Item => ({
      ...item('dag', name && name !== id ? name : id, 'dag', `/dags/${enc(id)}`, name && name !== id ? id : undefined),
      dagId: id,
      paused: !!paused,
    })),
    ...(index.assets ?? []).map((asset) => {
      const [id, uri] = typeof asset === 'string' ? [null, asset] : Array.isArray(asset) ? asset : [asset.id, asset.uri]
      return item('asset', uri, 'asset', id === null ? `/assets?q=${enc(uri)}` : `/assets/${enc(id)}`)
    }),
    ...(index.connections ?? []).map((one) => {
      const id = typeof one === 'string' ? one : one[0]
      return item('connection', id, 'connection', `/connections?edit=${enc(id)}`)
    }),
    ...(index.variables ?? []).map((key) => item('variable', key, 'variable', `/variables?edit=${enc(key)}`)),
    ...(index.pools ?? []).map((name) => item('pool', name, 'pool', `/pools?edit=${enc(name)}`)),
    ...foundItems(index),
  ]
}

/** What only a search brings. */
export function foundItems(index: SearchIndex): Item[] {
  return [
    ...(index.tasks ?? []).map(([dag, task]) =>
      item('task', task, 'task', `/task_instances?dag_id=${enc(dag)}&task_id=${enc(task)}`, dag),
    ),
    ...(index.runs ?? []).map(([dag, run]) => item('run', run, 'runs', `/dags/${enc(dag)}/runs/${enc(run)}`, dag)),
  ]
}

const PREFIXES: Record<string, readonly Kind[]> = {
  run: ['run'],
  dag: ['dag'],
  task: ['task'],
  asset: ['asset'],
  dataset: ['asset'],
  conn: ['connection'],
  connection: ['connection'],
  var: ['variable'],
  variable: ['variable'],
  pool: ['pool'],
  page: ['page'],
}

export type Parsed = { kinds: readonly Kind[] | null; verb: 'trigger' | 'pause' | 'unpause' | null; text: string }

/** "run: x" asks for runs, "> theme" for actions, "trigger x" for DAGs to trigger. */
export function parse(query: string): Parsed {
  const text = query.trimStart()
  if (text.startsWith('>'))
    return { kinds: ['action', 'page', 'variable', 'connection'], verb: null, text: text.slice(1).trim() }
  const prefix = /^(\w+):\s*(.*)$/.exec(text)
  const kinds = PREFIXES[prefix?.[1]?.toLowerCase() ?? '']
  if (prefix && kinds) return { kinds, verb: null, text: prefix[2] ?? '' }
  const verb = /^(trigger|pause|unpause|resume)\s+(.*)$/i.exec(text)
  if (!verb) return { kinds: null, verb: null, text }
  const word = verb[1]?.toLowerCase() === 'resume' ? 'unpause' : verb[1]?.toLowerCase()
  return { kinds: ['dag'], verb: word as 'trigger' | 'pause' | 'unpause', text: verb[2] ?? '' }
}

/** Pages before things before actions, when they match alike. */
const BONUS: Partial<Record<Kind, number>> = { page: 60, dag: 40, action: 20 }

/** The best items for what was typed, what was opened lately first. */
export function find(items: readonly Item[], query: string, recent: readonly string[], limit = 50): Item[] {
  const { kinds, verb, text } = parse(query)
  const scope = items.filter(
    (one) =>
      (!kinds || kinds.includes(one.kind)) &&
      (verb !== 'pause' || !one.paused) &&
      (verb !== 'unpause' || one.paused === true),
  )
  const rank = new Map(recent.map((to, i) => [to, recent.length - i]))
  if (!query.trim())
    return scope
      .filter((one) => one.to && rank.has(one.to))
      .sort((a, b) => (rank.get(b.to ?? '') ?? 0) - (rank.get(a.to ?? '') ?? 0))
  const bonus = (one: Item) => (BONUS[one.kind] ?? 0) + (rank.get(one.to ?? '') ?? 0) * 5
  const found = search(scope, text, (one) => one.text, limit, bonus).map((one) => one.item)
  return verb ? found.map((one) => acting(one, verb)) : found
}

function acting(dag: Item, verb: 'trigger' | 'pause' | 'unpause'): Item {
  const words = {
    trigger: t('palette.trigger', 'Trigger'),
    pause: t('palette.pause', 'Pause'),
    unpause: t('palette.unpause', 'Resume'),
  }
  const isTrigger = verb === 'trigger'
  return {
    ...dag,
    kind: isTrigger ? 'trigger' : 'pause',
    label: `${words[verb]} ${dag.label}`,
    icon: verb === 'pause' ? 'pause' : 'play',
    to: isTrigger ? `${dag.to}/trigger` : undefined,
    paused: verb === 'pause',
  }
}
