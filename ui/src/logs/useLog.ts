/** A log session bound to a component: opened once, followed while the task runs, closed when it goes. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { get, type Query, seg, ui } from '../api/client'
import { useLive, useLiveStatus } from '../api/events'
import { parseLine } from './lines'
import { mergedReader } from './merged'
import { LogSession, type LogState, type PartQuery, type Place } from './session'
import { BYTES, LINES, type LogPart } from './window'

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

/** Line by line, as the merged log is given. */
type MergedPart = {
  lines: { t: number; task: string; map: number; try: number; text: string }[]
  offset: number
  next: number
  complete: boolean
  left_out: number
}

function sessionOf(source: LogSource): LogSession {
  const path = logPath(source)
  if (source.kind === 'task') {
    const read = (query: PartQuery, signal: AbortSignal) =>
      get<LogPart>(path, { query: { ...logQuery(source), ...query }, signal })
    return new LogSession(read, () => parseLine, BYTES)
  }
  const read = async ({ offset = 0, limit = LINES.page }: PartQuery, signal: AbortSignal): Promise<LogPart> => {
    const part = await get<MergedPart>(path, { query: { offset, limit }, signal })
    const isEnd = part.lines.length < limit
    return {
      // How many lines there are nobody knows before they were read.
      size: part.next + (isEnd ? 0 : 1),
      offset: part.offset,
      next: part.next,
      complete: part.complete,
      text: part.lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      line: part.offset + 1,
    }
  }
  return new LogSession(read, mergedReader, LINES)
}

export type GivenPart = LogPart & { readonly at: Place }

export function useLog(
  source: LogSource,
  place: Place,
  live: boolean,
  given: GivenPart | null = null,
): [LogSession, LogState] {
  const key = JSON.stringify(source)
  const first = useRef({ place, given })
  const session = useMemo(() => {
    const made = sessionOf(JSON.parse(key) as LogSource)
    // Before the first paint: what is known is on the screen at once.
    if (first.current.given?.at === first.current.place) made.begin(first.current.given, first.current.place)
    return made
  }, [key])
  useEffect(() => {
    if (session.get().window === null) void session.open(first.current.place)
    else session.reopen()
    return () => session.close()
  }, [session])
  const state = useSyncExternalStore(session.subscribe, session.get)
  useFollow(session, source, live)
  return [session, state]
}

/** Asks when a line was announced; now and then, as long as the page is looked at, while nothing is announced. */
function useFollow(session: LogSession, source: LogSource, live: boolean): void {
  const ask = useCallback(() => {
    if (document.visibilityState === 'visible' && !session.hasLater) void session.later()
  }, [session])
  useLive(live ? [topicOf(source)] : [], ask, ask)
  const pushed = useLiveStatus().state === 'live'
  useEffect(() => {
    if (!live) return
    // Once in any case: what was written before the announcements began.
    const timer = setTimeout(ask, POLL_MS)
    const again = pushed ? undefined : setInterval(ask, POLL_MS)
    return () => {
      clearTimeout(timer)
      clearInterval(again)
      // What was written between the last look and the end of the task.
      void session.later()
    }
  }, [session, ask, live, pushed])
}

function topicOf(source: LogSource): string {
  if (source.kind === 'run') return `run:${source.dagId}/${source.runId}`
  return `log:${source.dagId}/${source.runId}/${source.taskId}/${source.mapIndex}/${source.tryNumber}`
}
