/** Asks now, and again while the frame is seen: often while something goes on. No cache: a frame shows one thing. */
import { useCallback, useEffect, useRef, useState } from 'react'

const LIVE_MS = 4_000
const QUIET_MS = 30_000

export type Polled<T> = { data: T | null; error: Error | null; refresh: () => void }

export function usePolled<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string,
  isLive: (data: T) => boolean,
): Polled<T> {
  const [data, setData] = useState<T | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const latest = useRef({ ask, isLive })
  latest.current = { ask, isLive }
  const [round, setRound] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const turn = async () => {
      let wait = QUIET_MS
      if (document.visibilityState === 'visible') {
        try {
          const next = await latest.current.ask(abort.signal)
          if (abort.signal.aborted) return
          setData(next)
          setError(null)
          if (latest.current.isLive(next)) wait = LIVE_MS
        } catch (problem) {
          if (abort.signal.aborted) return
          setError(problem instanceof Error ? problem : new Error(String(problem)))
        }
      }
      timer = setTimeout(() => void turn(), wait)
    }
    void turn()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, round])
  return { data, error, refresh: useCallback(() => setRound((now) => now + 1), []) }
}
