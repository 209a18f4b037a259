/** Whether the server answers, and how soon: the frame says so while a page keeps what it has. */
export type Reach = { state: 'ok' | 'slow' | 'gone'; since: number }

const SLOW_MS = 1500

type Outcome = 'answered' | 'gone' | 'aborted'

/** Watches requests. `now`, `later` and `cancel` are given so that tests need no clock. */
export class Reachability {
  private reach: Reach = { state: 'ok', since: 0 }
  private readonly waiting = new Map<number, ReturnType<typeof setTimeout>>()
  private readonly late = new Set<number>()
  private next = 0
  private readonly listeners = new Set<() => void>()

  constructor(
    private readonly now: () => number = Date.now,
    private readonly later: (run: () => void, ms: number) => ReturnType<typeof setTimeout> = (run, ms) =>
      setTimeout(run, ms),
  ) {}

  /** A request begins; call the answer with how it ended. */
  started(): (outcome: Outcome) => void {
    const id = this.next++
    const timer = this.later(() => {
      this.late.add(id)
      if (this.reach.state === 'ok') this.become('slow')
    }, SLOW_MS)
    this.waiting.set(id, timer)
    return (outcome) => this.ended(id, outcome)
  }

  private ended(id: number, outcome: Outcome): void {
    clearTimeout(this.waiting.get(id))
    this.waiting.delete(id)
    this.late.delete(id)
    if (outcome === 'gone') this.become('gone')
    else if (outcome === 'answered') this.become(this.late.size > 0 ? 'slow' : 'ok')
    else if (this.reach.state === 'slow' && this.late.size === 0) this.become('ok')
  }

  private become(state: Reach['state']): void {
    if (state === this.reach.state) return
    this.reach = { state, since: this.now() }
    for (const listener of this.listeners) listener()
  }

  get = (): Reach => this.reach
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export const reachability = new Reachability()
