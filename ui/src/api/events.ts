/** Live changes for components: they patch the cache of answers, and ask again only after a gap.
 *
 *     useLiveQuery(['dags'], ['dags'], (old: DagList, event) => patched(old, event))
 */
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { createStore, useStore } from '../kit/store'
import { urlOf } from './client'
import type { LiveMessage, LiveState } from './eventClient'
import { reachability } from './reachability'
import { type LiveEvent, wants } from './sse'
import { type Transport, transportTo } from './transport'

export type { LiveEvent } from './sse'

type Listener = {
  topics: readonly string[]
  onEvents: (events: readonly LiveEvent[]) => void
  /** Changes may have been missed: ask again. */
  onGap: () => void
}

const HIDDEN_MS = 60_000
const REDUCED = ['dags', 'health']

/** One per page. Made with a transport, so that tests need none of the browser's. */
export class LiveHub {
  readonly state = createStore<LiveState>('stopped')
  /** When the data was last known to be true, in ms. */
  asOf = Date.now()
  private readonly listeners = new Set<Listener>()
  private transport: Transport | null = null
  private isReduced = false
  private scheduled = false

  constructor(private readonly open: (tell: (message: LiveMessage) => void) => Transport) {}

  add(listener: Listener): () => void {
    this.listeners.add(listener)
    this.update()
    return () => {
      this.listeners.delete(listener)
      this.update()
    }
  }

  restart(): void {
    this.transport?.restart()
  }

  /** Fewer topics for a tab that nobody sees; all of them, and a look at what was missed, when it is seen again. */
  reduce(isReduced: boolean): void {
    if (isReduced === this.isReduced) return
    this.isReduced = isReduced
    this.update()
    if (isReduced) return
    for (const listener of this.listeners) {
      if (listener.topics.some((topic) => !REDUCED.includes(topic))) listener.onGap()
    }
  }

  private update(): void {
    if (this.scheduled) return
    this.scheduled = true
    // A change of page removes and adds: one message after both.
    queueMicrotask(() => {
      this.scheduled = false
      const all = [...this.listeners].flatMap((listener) => listener.topics)
      if (all.length === 0 && !this.transport) return
      this.transport ??= this.open((message) => this.heard(message))
      this.transport.setTopics(this.isReduced ? all.filter((topic) => REDUCED.includes(topic)) : all)
    })
  }

  private heard(message: LiveMessage): void {
    if (message.type === 'state') {
      if (this.state.get() === 'live') this.asOf = Date.now()
      this.state.set(message.state)
      return
    }
    this.asOf = Date.now()
    for (const listener of [...this.listeners]) {
      if (message.type === 'poll') listener.onGap()
      else this.give(listener, message.events)
    }
  }

  private give(listener: Listener, events: readonly LiveEvent[]): void {
    const isReset = events.some((event) => event.type === 'reset')
    const mine = events.filter((event) => listener.topics.some((topic) => wants(topic, event)))
    if (isReset) listener.onGap()
    else if (mine.length) listener.onEvents(mine)
  }
}

export const hub = new LiveHub((tell) => transportTo(new URL(urlOf('/api/v1/events'), location.origin).href, tell))

/** Watches whether the tab is seen; once, by the frame. */
export function watchVisibility(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const changed = () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => hub.reduce(true), HIDDEN_MS)
    else hub.reduce(false)
  }
  document.addEventListener('visibilitychange', changed)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', changed)
  }
}

/** Calls back with changes of these topics while the component is there. `onGap`: some may have been missed. */
export function useLive(
  topics: readonly string[],
  onEvents: (events: readonly LiveEvent[]) => void,
  onGap: () => void = () => undefined,
): void {
  const latest = useRef({ onEvents, onGap })
  latest.current = { onEvents, onGap }
  const wanted = topics.join('\n')
  useEffect(() => {
    if (!wanted) return
    return hub.add({
      topics: wanted.split('\n'),
      onEvents: (events) => latest.current.onEvents(events),
      onGap: () => latest.current.onGap(),
    })
  }, [wanted])
}

/** Keeps one cached answer true: each change is patched in (give back `old` when it is about something else); after a
 * gap the answer is asked for again. No request for a change. */
export function useLiveQuery<T>(
  key: QueryKey,
  topics: readonly string[],
  patch: (old: T, event: LiveEvent) => T,
): void {
  const client = useQueryClient()
  useLive(
    topics,
    (events) => {
      const old = client.getQueryData<T>(key)
      if (old !== undefined) client.setQueryData(key, events.reduce<T>(patch, old))
    },
    () => void client.invalidateQueries({ queryKey: key, exact: true, refetchType: 'active' }),
  )
}

export type LiveStatus = { state: 'live' | 'connecting' | 'polling' | 'offline'; asOf: number }

/** For the dot in the top bar. */
export function useLiveStatus(): LiveStatus {
  const state = useStore(hub.state)
  const reach = useStore(reachability)
  if (reach.state === 'gone') return { state: 'offline', asOf: Math.min(hub.asOf, reach.since) }
  if (state === 'polling') return { state, asOf: hub.asOf }
  return { state: state === 'live' ? 'live' : 'connecting', asOf: hub.asOf }
}
