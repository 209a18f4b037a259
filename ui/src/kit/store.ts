/** A value that components can follow: `useStore(store)`. */
import { useSyncExternalStore } from 'react'

export type Store<T> = {
  get: () => T
  set: (value: T | ((old: T) => T)) => void
  subscribe: (listener: () => void) => () => void
}

/** A store with a first value. */
export function createStore<T>(first: T): Store<T> {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      const fresh = typeof next === 'function' ? (next as (old: T) => T)(value) : next
      if (Object.is(fresh, value)) return
      value = fresh
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The store's value; the component is drawn again when it changes. */
export function useStore<T>(store: Pick<Store<T>, 'get' | 'subscribe'>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** What the browser keeps for this visitor under a name; `fallback` when there is nothing, or nothing readable. */
export function remembered<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`tradewind.${name}`)
    return text === null ? fallback : (JSON.parse(text) as T)
  } catch {
    // Storage may be forbidden, or hold what another version wrote: both are no reason to fail.
    return fallback
  }
}

/** Keeps a value for this visitor; in vain where storage is forbidden. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`tradewind.${name}`, JSON.stringify(value))
  } catch {
    // Forbidden or full storage: the setting lasts as long as the page.
  }
}
