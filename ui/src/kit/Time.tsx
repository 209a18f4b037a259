/** Moments and durations on the page; relative ones go on by themselves, all from one clock. */
import { useSyncExternalStore } from 'react'
import { serverNow } from '../api/boot'
import { usePrefs, zoneOf } from './prefs'
import { absolute, duration, msOf, offsetOf, relative, short } from './time'

type Ticker = { now: number; subscribe: (listener: () => void) => () => void }
const tickers = new Map<number, Ticker>()

function tickerOf(every: number): Ticker {
  let ticker = tickers.get(every)
  if (ticker) return ticker
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    if (document.hidden || !ticker) return
    ticker.now = serverNow()
    for (const listener of [...listeners]) listener()
  }
  ticker = {
    now: serverNow(),
    subscribe(listener) {
      if (listeners.size === 0) {
        timer = setInterval(tick, every)
        document.addEventListener('visibilitychange', tick)
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        document.removeEventListener('visibilitychange', tick)
      }
    },
  }
  tickers.set(every, ticker)
  return ticker
}

/** Now, in ms, by the server's clock; the component is drawn again every `every` ms while the tab is seen. */
export function useNow(every = 10_000): number {
  const ticker = tickerOf(every)
  return useSyncExternalStore(ticker.subscribe, () => ticker.now)
}

/** The zone that dates are shown in. */
export function useZone(): string {
  return zoneOf(usePrefs().zone)
}

/** A moment. relative (default): the age, the date in the title; short: "14:02:11" or "11-20 14:02"; absolute: all. */
export function Time(props: {
  at: number | string | Date | null | undefined
  mode?: 'relative' | 'short' | 'absolute'
  none?: string
}) {
  const ms = msOf(props.at)
  const now = useNow(10_000)
  const zone = useZone()
  if (ms === null) return <span className="muted">{props.none ?? '–'}</span>
  const full = `${absolute(ms, zone)} ${offsetOf(ms, zone)}`
  const text =
    props.mode === 'absolute'
      ? absolute(ms, zone)
      : props.mode === 'short'
        ? short(ms, zone, now)
        : relative(ms, Math.max(now, serverNow() - 10_000))
  const title = props.mode && props.mode !== 'relative' ? `${full} (${relative(ms, now)})` : full
  return (
    <time dateTime={new Date(ms).toISOString()} title={title}>
      {text}
    </time>
  )
}

/** How long: given seconds, or from start to end; without an end it goes on. */
export function Duration(props: {
  seconds?: number | null
  start?: number | string | null
  end?: number | string | null
  none?: string
}) {
  const start = msOf(props.start)
  const end = msOf(props.end)
  if (props.seconds === undefined && start !== null && end === null) return <Elapsed start={start} />
  const seconds = props.seconds ?? (start !== null && end !== null ? (end - start) / 1000 : null)
  if (seconds === null) return <span className="muted">{props.none ?? '–'}</span>
  return <span title={`${seconds.toFixed(3)} s`}>{duration(seconds)}</span>
}

function Elapsed({ start }: { start: number }) {
  const now = useNow(1000)
  return <span>{duration(Math.max(0, Math.round((now - start) / 1000)))}</span>
}
