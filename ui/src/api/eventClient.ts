/** The one connection for live changes: reads the stream, resumes it, and after three failures tells to poll. */
import { eventOf, type LiveEvent, SseParser } from './sse'

export type LiveState = 'connecting' | 'live' | 'polling' | 'stopped'

export type LiveMessage =
  | { type: 'state'; state: LiveState }
  | { type: 'events'; events: LiveEvent[] }
  /** Time to ask again for what is on the screen. */
  | { type: 'poll' }

export type Clock = {
  later: (run: () => void, ms: number) => unknown
  cancel: (handle: unknown) => void
  random: () => number
}

const REAL_CLOCK: Clock = {
  later: (run, ms) => setTimeout(run, ms),
  cancel: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
  random: Math.random,
}

const POLL_MS = 10_000
/** Three keep-alives of the server may be missing, not more. */
const SILENCE_MS = 50_000
const FAILURES = 3
const DEBOUNCE_MS = 250
/** A connection that carries more than is wanted is given up for a smaller one after so long. */
const NARROW_MS = 30_000

export class EventClient {
  private topics: readonly string[] = []
  private connected: readonly string[] = []
  private lastId: string | null = null
  private failures = 0
  private retry = 2000
  private state: LiveState = 'stopped'
  private request: AbortController | null = null
  private timers: Record<string, unknown> = {}

  constructor(
    private readonly url: string,
    private readonly tell: (message: LiveMessage) => void,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
    private readonly clock: Clock = REAL_CLOCK,
  ) {}

  /** What is wanted from now on. A connection that already carries it stays. */
  setTopics(topics: readonly string[]): void {
    this.topics = [...new Set(topics)].sort()
    if (this.topics.length === 0) {
      this.stop()
      return
    }
    this.clear('narrow')
    if (this.state === 'polling') return
    const covered = this.request !== null && this.topics.every((topic) => this.connected.includes(topic))
    if (!covered) this.set('debounce', () => this.connect(), this.state === 'stopped' ? 0 : DEBOUNCE_MS)
    else if (this.topics.length < this.connected.length) this.set('narrow', () => this.connect(), NARROW_MS)
  }

  /** Begins anew, as after another person signed in. */
  restart(): void {
    this.lastId = null
    this.failures = 0
    if (this.topics.length) void this.connect()
  }

  stop(): void {
    for (const name of Object.keys(this.timers)) this.clear(name)
    this.request?.abort()
    this.request = null
    this.become('stopped')
  }

  private async connect(): Promise<void> {
    this.request?.abort()
    this.clear('reconnect')
    this.clear('narrow')
    const request = new AbortController()
    this.request = request
    this.connected = this.topics
    if (this.state === 'stopped') this.become('connecting')
    try {
      await this.read(request)
    } catch {
      // Cut off, refused or not there: all the same from here, and said by the state.
    }
    if (this.request !== request) return
    this.request = null
    this.clear('silence')
    this.failed()
  }

  private async read(request: AbortController): Promise<void> {
    const query = new URLSearchParams({ topics: this.connected.join(','), coalesce: '1' })
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (this.lastId !== null) headers['last-event-id'] = this.lastId
    const answer = await this.fetcher(`${this.url}?${query}`, {
      headers,
      signal: request.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    })
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`)
    const wasPolling = this.state === 'polling'
    this.become('live')
    this.clear('poll')
    // What was missed while there was no stream and no id to resume from must be asked for.
    if (wasPolling && this.lastId === null) this.tell({ type: 'poll' })
    const parser = new SseParser()
    const decoder = new TextDecoder()
    const reader = answer.body.getReader()
    for (;;) {
      this.set('silence', () => request.abort(), SILENCE_MS)
      const { done, value } = await reader.read()
      if (done) return
      this.failures = 0
      this.take(parser, decoder.decode(value, { stream: true }))
    }
  }

  private take(parser: SseParser, text: string): void {
    const frames = parser.push(text)
    this.retry = parser.retry ?? this.retry
    for (const frame of frames) if (frame.id !== null) this.lastId = frame.id
    const events = frames.map(eventOf).filter((event) => event !== null)
    if (events.length) this.tell({ type: 'events', events })
  }

  private failed(): void {
    this.failures += 1
    if (this.failures >= FAILURES) this.poll()
    else if (this.state === 'live') this.become('connecting')
    const wait = Math.min(this.retry * 2 ** Math.min(this.failures - 1, 4), 30_000)
    this.set('reconnect', () => this.connect(), wait * (0.75 + this.clock.random() / 2))
  }

  private poll(): void {
    if (this.state === 'polling') return
    this.become('polling')
    const tick = () => {
      this.tell({ type: 'poll' })
      this.set('poll', tick, POLL_MS)
    }
    this.set('poll', tick, POLL_MS)
  }

  private become(state: LiveState): void {
    if (state === this.state) return
    this.state = state
    this.tell({ type: 'state', state })
  }

  private set(name: string, run: () => void, ms: number): void {
    this.clear(name)
    this.timers[name] = this.clock.later(() => {
      delete this.timers[name]
      run()
    }, ms)
  }

  private clear(name: string): void {
    if (name in this.timers) this.clock.cancel(this.timers[name])
    delete this.timers[name]
  }
}
