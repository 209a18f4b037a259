/** The pure side of live changes: frames out of a byte stream, events out of frames, and which topic wants which. */

export type Frame = { id: string | null; event: string; data: string }

/** Cuts a stream of text/event-stream into frames, whatever pieces it comes in. */
export class SseParser {
  private rest = ''
  /** What the server asked to wait before connecting again, in ms. */
  retry: number | null = null

  push(text: string): Frame[] {
    const all = (this.rest + text).replaceAll('\r\n', '\n')
    const blocks = all.split('\n\n')
    this.rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => this.frame(block))
  }

  private frame(block: string): Frame[] {
    let id: string | null = null
    let event = 'message'
    const data: string[] = []
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':')
      if (colon === 0 || line === '') continue
      const name = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (name === 'id') id = value
      else if (name === 'event') event = value
      else if (name === 'data') data.push(value)
      else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value)
    }
    return data.length || event === 'reset' ? [{ id, event, data: data.join('\n') }] : []
  }
}

export type LiveType = 'ti' | 'run' | 'dag' | 'asset' | 'health' | 'log' | 'import_error' | 'pool' | 'reset' | 'other'

/** One change. `kind` is the outbox's own word ("task.success", "dag.paused") where the server gave it. */
export type LiveEvent = {
  type: LiveType
  kind: string
  dag_id: string | null
  run_id: string | null
  task_id: string | null
  map_index: number
  state: string | null
  try_number: number | null
  /** Epoch seconds. */
  at: number | null
  /** All that the server sent. */
  data: Readonly<Record<string, unknown>>
}

const TYPES: Readonly<Record<string, LiveType>> = {
  ti: 'ti',
  task: 'ti',
  run: 'run',
  dag: 'dag',
  asset: 'asset',
  dataset: 'asset',
  health: 'health',
  log: 'log',
  import_error: 'import_error',
  pool: 'pool',
  reset: 'reset',
}

/** A frame as an event: of the short form that the UI asks for, or the long one that programs read. Null: not JSON. */
export function eventOf(frame: Frame): LiveEvent | null {
  let data: Record<string, unknown>
  try {
    data = frame.data ? (JSON.parse(frame.data) as Record<string, unknown>) : {}
  } catch {
    return null
  }
  const text = (...names: string[]): string | null => {
    for (const name of names) if (typeof data[name] === 'string') return data[name]
    return null
  }
  const num = (...names: string[]): number | null => {
    for (const name of names) if (typeof data[name] === 'number') return data[name]
    return null
  }
  const kind = text('kind', 'k') ?? frame.event
  const at = text('at')
  return {
    type: TYPES[frame.event.split('.')[0] ?? ''] ?? 'other',
    kind,
    dag_id: text('d', 'dag_id'),
    run_id: text('r', 'run_id'),
    task_id: text('t', 'task_id'),
    map_index: num('m', 'map_index') ?? -1,
    state: text('s', 'state'),
    try_number: num('n', 'try_number'),
    at: num('e') ?? (at ? Date.parse(at) / 1000 : null),
    data,
  }
}

/** Whether a topic is about an event: "dags" (runs and DAGs of all), "dag:x", "run:x/r", "log:…", "assets", "health". */
export function wants(topic: string, event: LiveEvent): boolean {
  if (event.type === 'reset') return true
  const colon = topic.indexOf(':')
  const word = colon < 0 ? topic : topic.slice(0, colon)
  const rest = colon < 0 ? '' : topic.slice(colon + 1)
  if (word === 'dags') return event.type === 'dag' || event.type === 'run' || event.type === 'import_error'
  if (word === 'dag') return event.dag_id === rest && event.type !== 'log'
  if (word === 'run') return `${event.dag_id}/${event.run_id}` === rest && event.type !== 'log'
  if (word === 'log') return event.type === 'log' && logPlace(rest) === logPlaceOf(event)
  if (word === 'tis') return event.type === 'ti'
  if (word === 'assets') return event.type === 'asset'
  return word === event.type || word === `${event.type}s`
}

/** A log's topic may say up to where the reader has it: "log:dag/run/task/-1/2@4096". */
const logPlace = (rest: string): string => rest.replace(/@\d+$/, '')

function logPlaceOf(event: LiveEvent): string {
  const { topic } = event.data
  if (typeof topic === 'string') return logPlace(topic.replace(/^log:/, ''))
  return [event.dag_id, event.run_id, event.task_id, event.map_index, event.try_number].join('/')
}
