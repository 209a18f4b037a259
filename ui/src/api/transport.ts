/** How a tab gets the live changes: by the shared worker, else by the tab that leads, else by a connection of its own. */
import { EventClient, type LiveMessage } from './eventClient'
import type { ToWorker } from './events.worker'

export type Transport = { setTopics: (topics: readonly string[]) => void; restart: () => void; close: () => void }

/** The best that this browser has. */
export function transportTo(url: string, tell: (message: LiveMessage) => void): Transport {
  try {
    if (typeof SharedWorker !== 'undefined') return byWorker(url, tell)
    if (typeof BroadcastChannel !== 'undefined' && navigator.locks) return byLeader(url, tell)
  } catch {
    // Workers can be forbidden by the browser's settings: then each tab has its own connection.
  }
  return direct(url, tell)
}

function byWorker(url: string, tell: (message: LiveMessage) => void): Transport {
  const worker = new SharedWorker(new URL('./events.worker.ts', import.meta.url), {
    type: 'module',
    name: `tradewind ${url}`,
  })
  const send = (message: ToWorker) => worker.port.postMessage(message)
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => tell(event.data)
  let fallback: Transport | null = null
  let topics: readonly string[] = []
  worker.onerror = () => {
    fallback ??= direct(url, tell)
    fallback.setTopics(topics)
  }
  const bye = () => send({ type: 'bye' })
  addEventListener('pagehide', bye)
  addEventListener('pageshow', () => send({ type: 'topics', url, topics }))
  return {
    setTopics(next) {
      topics = next
      if (fallback) fallback.setTopics(next)
      else send({ type: 'topics', url, topics })
    },
    restart: () => (fallback ? fallback.restart() : send({ type: 'restart' })),
    close: bye,
  }
}

type Shared = { from: string; topics?: readonly string[]; message?: LiveMessage; ask?: true }

/** Whoever holds the lock connects for all; the others tell it their topics and hear from it. */
function byLeader(url: string, tell: (message: LiveMessage) => void): Transport {
  const me = crypto.randomUUID()
  const channel = new BroadcastChannel(`tradewind ${url}`)
  const wanted = new Map<string, readonly string[]>()
  let client: EventClient | null = null
  let topics: readonly string[] = []
  const post = (what: Omit<Shared, 'from'>) => channel.postMessage({ from: me, ...what } satisfies Shared)
  const apply = () => client?.setTopics([...wanted.values()].flat())
  channel.onmessage = ({ data }: MessageEvent<Shared>) => {
    if (data.message && !client) tell(data.message)
    if (data.ask) post({ topics })
    if (!data.topics) return
    if (data.topics.length) wanted.set(data.from, data.topics)
    else wanted.delete(data.from)
    apply()
  }
  void navigator.locks.request(`tradewind ${url}`, () => {
    client = new EventClient(url, (message) => {
      tell(message)
      post({ message })
    })
    wanted.set(me, topics)
    post({ ask: true })
    apply()
    // Held until the tab is closed; then the next one in the queue leads.
    return new Promise<never>(() => undefined)
  })
  addEventListener('pagehide', () => post({ topics: [] }))
  return {
    setTopics(next) {
      topics = next
      wanted.set(me, next)
      post({ topics: next })
      apply()
    },
    restart: () => client?.restart(),
    close: () => post({ topics: [] }),
  }
}

function direct(url: string, tell: (message: LiveMessage) => void): Transport {
  const client = new EventClient(url, tell)
  return {
    setTopics: (topics) => client.setTopics(topics),
    restart: () => client.restart(),
    close: () => client.stop(),
  }
}
