/** Filters, tabs, sorts and selections live in the URL: they can be shared, and Back works. */
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

export type UrlValue = string | number | boolean | readonly string[]

/** A set of values as query parameters. What equals its default is left out; keys not in `defaults` are kept. */
export function writeParams<T extends Record<string, UrlValue>>(
  params: URLSearchParams,
  defaults: T,
  change: Partial<{ [K in keyof T]: UrlValue }>,
): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const [key, value] of Object.entries(change)) {
    next.delete(key)
    const fallback = defaults[key]
    if (value === undefined || same(value, fallback)) continue
    if (Array.isArray(value)) for (const one of value) next.append(key, one)
    else next.set(key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value))
  }
  return next
}

/** The values of the URL, with the types of the defaults. */
export function readParams<T extends Record<string, UrlValue>>(params: URLSearchParams, defaults: T): Widened<T> {
  const result: Record<string, UrlValue> = {}
  for (const [key, fallback] of Object.entries(defaults)) {
    const text = params.get(key)
    if (text === null) result[key] = fallback
    else if (Array.isArray(fallback)) result[key] = params.getAll(key).filter(Boolean)
    else if (typeof fallback === 'number')
      result[key] = Number.isFinite(Number(text)) && text !== '' ? Number(text) : fallback
    else if (typeof fallback === 'boolean') result[key] = text === '1' || text === 'true'
    else result[key] = text
  }
  return result as Widened<T>
}

function same(a: UrlValue, b: UrlValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => one === b[i])
  return a === b
}

type Widened<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends number
      ? number
      : T[K] extends boolean
        ? boolean
        : readonly string[]
}

/** `const [filter, setFilter] = useUrlState({ q: '', state: [], offset: 0 })`. Typing replaces the history's entry;
 * `{ push: true }` adds one. Keep `defaults` outside the component. */
export function useUrlState<T extends Record<string, UrlValue>>(
  defaults: T,
): [Widened<T>, (change: Partial<Widened<T>>, options?: { push?: boolean }) => void] {
  const [params, setParams] = useSearchParams()
  const value = useMemo(() => readParams(params, defaults), [params, defaults])
  const set = useCallback(
    (change: Partial<Widened<T>>, options?: { push?: boolean }) =>
      setParams((old) => writeParams(old, defaults, change as Partial<{ [K in keyof T]: UrlValue }>), {
        replace: !options?.push,
        preventScrollReset: true,
      }),
    [setParams, defaults],
  )
  return [value, set]
}
