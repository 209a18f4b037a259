/** One log being read: opens somewhere, grows at both ends, follows a running task, looks through the rest of the file.
 * Knows no React and no clock; the reader of parts is given. */
import type { LogLine } from './lines'
import {
  append,
  atLine,
  BYTES,
  LINES,
  type LineReader,
  type LogPart,
  type LogWindow,
  type Measure,
  openWindow,
  prepend,
  trim,
} from './window'

export type Place = 'head' | 'tail' | 'first_error' | { offset: number } | { line: number }

export type PartQuery = {
  /** `offset`: numbered, and from the next line on. */
  at?: 'head' | 'tail' | 'first_error' | 'offset'
  offset?: number
  line?: number
  limit?: number
}

export type ReadPart = (query: PartQuery, signal: AbortSignal) => Promise<LogPart>

export type LogState = {
  status: 'loading' | 'ready' | 'failed'
  window: LogWindow | null
  error: Error | null
  /** Which end is being read, or that the rest is searched. */
  busy: 'earlier' | 'later' | 'scan' | null
  /** Goes up each time the window is a new one: the viewer then scrolls to `target`. */
  opened: number
  target: Place
}

export class LogSession {
  private state: LogState = {
    status: 'loading',
    window: null,
    error: null,
    busy: null,
    opened: 0,
    target: 'head',
  }
  private readonly listeners = new Set<() => void>()
  private abort = new AbortController()

  constructor(
    private readonly read: ReadPart,
    private readonly newReader: () => LineReader,
    private readonly measure: Measure = BYTES,
    private lines: LineReader = newReader(),
  ) {}

  get = (): LogState => this.state

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.abort.abort()
  }

  /** After a `close`, with what is in memory. */
  reopen(): void {
    if (this.abort.signal.aborted) this.abort = new AbortController()
  }

  /** Begins with a part that was given. */
  begin(part: LogPart, place: Place): void {
    this.lines = this.newReader()
    const window = openWindow(part, this.lines, this.measure)
    this.set({ status: 'ready', window, opened: this.state.opened + 1, target: place })
  }

  /** Reads anew at a place; what was in memory goes. */
  async open(place: Place): Promise<void> {
    this.abort.abort()
    this.abort = new AbortController()
    const signal = this.abort.signal
    this.set({ status: this.state.window === null ? 'loading' : 'ready', error: null, busy: null })
    try {
      const part = await this.read({ ...queryOf(place, this.measure), limit: this.measure.page }, signal)
      if (!signal.aborted) this.begin(part, place)
    } catch (error) {
      this.failed(error, signal)
    }
  }

  get hasEarlier(): boolean {
    return (this.state.window?.start ?? 0) > 0
  }

  get hasLater(): boolean {
    const window = this.state.window
    return window !== null && window.end < window.size
  }

  /** The 200 KB before the window. */
  async earlier(): Promise<void> {
    const window = this.state.window
    if (window === null || window.start === 0 || this.state.busy !== null) return
    const offset = Math.max(0, window.start - this.measure.page)
    await this.grow('earlier', { offset, limit: window.start - offset }, (now, part) =>
      trim(prepend(now, part, this.newReader(), this.measure), 'start', this.measure.most),
    )
  }

  /** The 200 KB after it; at the end of the file: what was written since. */
  async later(): Promise<void> {
    const window = this.state.window
    if (window === null || this.state.busy !== null) return
    await this.grow('later', { offset: window.end, limit: this.measure.page }, (now, part) =>
      trim(append(now, part, this.lines, this.measure), 'end', this.measure.most),
    )
  }

  /** Text that the server pushed. What does not follow on is asked for. */
  push(part: LogPart): void {
    const window = this.state.window
    if (window === null || this.state.busy !== null) return
    if (part.offset === window.end)
      this.set({ window: trim(append(window, part, this.lines, this.measure), 'end', this.measure.most) })
    else if (part.next > window.size) this.set({ window: { ...window, size: part.next } })
  }

  /** Looks for a line in what is not in memory, towards the end or the start, and opens there. False: nothing. */
  async scan(hits: Hits, forward: boolean, from?: number): Promise<boolean> {
    const window = this.state.window
    if (window === null || this.state.busy !== null) return false
    const signal = this.abort.signal
    this.set({ busy: 'scan' })
    try {
      const found = forward
        ? await this.scanLater(hits, from ?? window.end, signal)
        : await this.scanEarlier(hits, from ?? window.start, signal)
      if (signal.aborted) return false
      this.set({ busy: null })
      if (found === null) return false
      await this.open({ offset: found })
      return true
    } catch (error) {
      this.failed(error, signal)
      return false
    }
  }

  /** Reads on to the end, page by page: for logs whose end has no address. */
  async toEnd(): Promise<void> {
    const signal = this.abort.signal
    while (this.hasLater && !signal.aborted && this.state.error === null) await this.later()
    const window = this.state.window
    if (window !== null && !signal.aborted) this.set({ opened: this.state.opened + 1, target: 'tail' })
  }

  private async scanLater(hits: Hits, from: number, signal: AbortSignal): Promise<number | null> {
    let offset = from
    for (;;) {
      const part = await this.read({ offset, limit: this.measure.scan }, signal)
      const hit = firstMatch(openWindow(part, this.newReader(), this.measure).lines, hits, true)
      if (hit !== null) return hit.offset
      if (part.next <= offset || part.next >= part.size) return null
      offset = part.next
    }
  }

  private async scanEarlier(hits: Hits, from: number, signal: AbortSignal): Promise<number | null> {
    let end = from
    while (end > 0) {
      const offset = Math.max(0, end - this.measure.scan)
      const given = await this.read({ offset, limit: end - offset }, signal)
      const part = this.measure === LINES ? given : atLine(given)
      const hit = firstMatch(openWindow(part, this.newReader(), this.measure).lines, hits, false)
      if (hit !== null) return hit.offset
      // One line that is longer than a part has no line's begin in it.
      end = part.offset < end ? part.offset : offset
    }
    return null
  }

  private async grow(
    busy: 'earlier' | 'later',
    query: PartQuery,
    join: (window: LogWindow, part: LogPart) => LogWindow,
  ): Promise<void> {
    const signal = this.abort.signal
    this.set({ busy })
    try {
      const part = await this.read(query, signal)
      if (signal.aborted) return
      const window = this.state.window
      this.set({ busy: null, error: null, ...(window && { window: join(window, part) }) })
    } catch (error) {
      this.failed(error, signal)
    }
  }

  private failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    const known = error instanceof Error ? error : new Error(String(error))
    this.set({ busy: null, error: known, status: this.state.window === null ? 'failed' : 'ready' })
  }

  private set(change: Partial<LogState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }
}

function queryOf(place: Place, measure: Measure): PartQuery {
  if (typeof place === 'string') return { at: place }
  if ('line' in place) return { line: place.line }
  // A little of what came before, so that the line is read in its place.
  return { at: 'offset', offset: Math.max(0, place.offset - Math.floor(measure.page / 20)) }
}

type Hits = (line: LogLine) => boolean

function firstMatch(lines: readonly LogLine[], hits: Hits, forward: boolean): LogLine | null {
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[forward ? index : lines.length - 1 - index] as LogLine
    if (hits(line)) return line
  }
  return null
}
