/** The layout in a thread of its own: a graph of hundreds of nodes takes it a second. */
import { type LayoutRequest, layOut } from './layout'

interface Asked {
  readonly id: number
  readonly request: LayoutRequest
}

const port = self as unknown as {
  onmessage: ((event: MessageEvent<Asked>) => void) | null
  postMessage(message: unknown): void
}

port.onmessage = ({ data }) => {
  try {
    port.postMessage({ id: data.id, result: layOut(data.request) })
  } catch (error) {
    port.postMessage({
      id: data.id,
      error: error instanceof Error ? error.message : String(error),
    })
  }
}
