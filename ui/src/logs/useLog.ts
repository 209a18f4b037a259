/** A log session bound to a component: opened once, followed while the task runs, closed when it goes. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { get, type Query, seg, ui } from '../api/client'
import { parseLine } from './lines'
import { mergedReader } from './merged'
import { LogSession, type LogState, type Place } from './session'
import type { LineReader, LogPart } from './window'

/** Which log. The key of a session: another source is another session. */
export type LogSource =
  | { kind: 'task'; dagId: string; runId: string; taskId: string; mapIndex: number; tryNumber: number }
  | { kind: 'run'; dagId: string; runId: string }

/** How often a running log is asked for while nothing is pushed. */
const POLL_MS = 2_000

export function logPath(source: LogSource): string {
  const run = `/dags/${seg(source.dagId)}/runs/${seg(source.runId)}`
  return ui(source.kind === 'run' ? `${run}/log` : `${run}/tasks/${seg(source.taskId)}/log`)
}

export function logQuery(source: LogSource): Query {
  return source.kind === 'run' ? {} : { try: source.tryNumber, map_index: source.mapIndex }
}

const readers: Record<LogSource['kind'], () => LineReader> = { task: () => parseLine, run: mergedReader }

export function useLog(source: LogSource, place: Place, live: boolean): [LogSession, LogState] {
  const key = JSON.stringify(source)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the source
  const session = useMemo(() => {
    const read = (query: object, signal: AbortSignal) =>
      get<LogPart>(logPath(source), { query: { ...logQuery(source), ...query }, signal })
    return new LogSession(read, readers[source.kind])
  }, [key])
  // biome-ignore lint/correctness/useExhaustiveDependencies: where it opens is asked once
  useEffect(() => {
    void session.open(place)
    return () => session.close()
  }, [session])
  const state = useSyncExternalStore(session.subscribe, session.get)
  useFollow(session, live)
  return [session, state]
}

/** Asks now and then, as long as the page is looked at. */
function useFollow(session: LogSession, live: boolean): void {
  useEffect(() => {
    if (!live) return
    const ask = () => {
      if (document.visibilityState === 'visible' && !session.hasLater) void session.later()
    }
    const timer = setInterval(ask, POLL_MS)
    return () => {
      clearInterval(timer)
      // What was written between the last look and the end of the task.
      void session.later()
    }
  }, [session, live])
}
