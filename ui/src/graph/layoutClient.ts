/** Asks the layout worker, and remembers its answers by a key (DAG, version, direction, what is folded). */
import type { LayoutRequest, LayoutResult } from './layout'

interface Waiting {
  resolve(result: LayoutResult): void
  reject(error: Error): void
}

const KEPT = 24

export class LayoutClient {
  private worker: Worker | null = null
  private next = 0
  private readonly waiting = new Map<number, Waiting>()
  private readonly kept = new Map<string, Promise<LayoutResult>>()

  constructor(private readonly start: () => Worker) {}

  /** Whether the layout for a key was asked for before. */
  has(key: string): boolean {
    return this.kept.has(key)
  }

  /** The layout for a key; asked once, a failure is not kept. */
  layout(key: string, request: LayoutRequest): Promise<LayoutResult> {
    const known = this.kept.get(key)
    if (known) return known
    const asked = this.ask(request)
    this.kept.set(key, asked)
    asked.catch(() => this.kept.delete(key))
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value as string)
    return asked
  }

  private ask(request: LayoutRequest): Promise<LayoutResult> {
    const worker = this.running()
    const id = this.next++
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      worker.postMessage({ id, request })
    })
  }

  private running(): Worker {
    if (this.worker) return this.worker
    const worker = this.start()
    worker.onmessage = ({ data }: MessageEvent<{ id: number; result?: LayoutResult; error?: string }>) => {
      const one = this.waiting.get(data.id)
      this.waiting.delete(data.id)
      if (data.result) one?.resolve(data.result)
      else one?.reject(new Error(data.error ?? 'The layout failed'))
    }
    worker.onerror = () => this.lost()
    this.worker = worker
    return worker
  }

  private lost(): void {
    for (const one of this.waiting.values()) one.reject(new Error('The layout worker ended'))
    this.waiting.clear()
    this.worker = null
  }
}

/** The one client of this page. */
export const layoutClient = new LayoutClient(
  () =>
    new Worker(new URL('./layout.worker.ts', import.meta.url), {
      type: 'module',
    }),
)
