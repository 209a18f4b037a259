/** The shared worker: one connection for all tabs of a browser, since HTTP/1.1 gives six to a server. */
import { EventClient, type LiveMessage, type LiveState } from './eventClient'

export type ToWorker =
  { type: 'topics'; url: string; topics: readonly string[] } | { type: 'restart' } | { type: 'bye' }

type Scope = { onconnect: ((event: MessageEvent) => void) | null }

const ports = new Map<MessagePort, readonly string[]>()
let client: EventClient | null = null
let state: LiveState = 'stopped'

function tellAll(message: LiveMessage): void {
  if (message.type === 'state') state = message.state
  for (const port of ports.keys()) port.postMessage(message)
}

function received(port: MessagePort, message: ToWorker): void {
  if (message.type === 'topics') {
    if (!ports.has(port)) port.postMessage({ type: 'state', state } satisfies LiveMessage)
    ports.set(port, message.topics)
    client ??= new EventClient(message.url, tellAll)
  } else if (message.type === 'bye') ports.delete(port)
  else client?.restart()
  client?.setTopics([...ports.values()].flat())
}

;(globalThis as unknown as Scope).onconnect = (event) => {
  const port = event.ports[0]
  if (!port) return
  port.onmessage = (message: MessageEvent<ToWorker>) => received(port, message.data)
}
