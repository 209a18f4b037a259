/** The log of a try (or of a whole run): tool bar, rows, and where in the file one is. */
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { seg, urlOf, v1 } from '../api/client'
import { IconButton } from '../kit/Button'
import { cx } from '../kit/cx'
import { number as grouped, t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { useKeys } from '../kit/keys'
import { stateOf } from '../kit/states'
import { remember, remembered } from '../kit/store'
import { useZone } from '../kit/Time'
import styles from './Log.module.css'
import { LogPane, type PaneHandle, type PaneView, usePaneView } from './LogPane'
import { isError, LEVELS, type Level, messageOf } from './lines'
import { NO_FILTER, type RowFilter, sourcesOf } from './rows'
import { compile, matchingRows, step } from './search'
import type { LogSession, LogState, Place } from './session'
import { type LogSource, logPath, logQuery, useLog } from './useLog'

const RUNNING: ReadonlySet<string> = new Set([
  'running',
  'queued',
  'restarting',
  'deferred',
  'up_for_reschedule',
  'scheduled',
])

export type LogViewerProps = {
  source: LogSource
  /** Of the task instance or run: decides where the log opens and whether it is followed. */
  state: string | null
  /** Line to open at, from `#L120`. */
  line?: number | null
  onLine?: (line: number) => void
  /** Another try of the same task, shown beside. */
  beside?: { source: LogSource; state: string | null; label: string } | null
  label?: string
  className?: string
}

export function LogViewer(props: LogViewerProps) {
  const { source, state } = props
  const live = RUNNING.has(stateOf(state))
  const place: Place = props.line
    ? { line: props.line }
    : stateOf(state) === 'failed'
      ? 'first_error'
      : live
        ? 'tail'
        : 'head'
  const [session, log] = useLog(source, place, live)
  const prefs = usePrefs()
  const [filter, setFilter] = useState<RowFilter>(NO_FILTER)
  const [flipped, setFlipped] = useState<ReadonlySet<number>>(new Set())
  const [following, setFollowing] = useState(live)
  const [full, setFull] = useState(false)
  const handle = useRef<PaneHandle | null>(null)
  const search = useSearch(session, log, filter, flipped, handle)
  const view = search.view
  const root = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const clock = useClock()

  const fold = useCallback((key: number) => {
    setFlipped((now) => {
      const next = new Set(now)
      if (!next.delete(key)) next.add(key)
      return next
    })
  }, [])
  const link = useCallback((line: number) => props.onLine?.(line), [props.onLine])

  const jump = (to: Place) => {
    setFollowing(to === 'tail')
    void session.open(to)
  }
  const download = () => root.current?.querySelector<HTMLAnchorElement>('a[download]')?.click()
  const group = t('log.title', 'Log')
  useKeys([
    { keys: '/', label: t('log.search', 'Find in log'), group, run: () => input.current?.select() },
    { keys: 'n', label: t('log.next', 'Next match'), group, run: () => search.go(true) },
    { keys: 'shift+n', label: t('log.before', 'Match before'), group, run: () => search.go(false) },
    { keys: 'e', label: t('log.toError', 'First error'), group, run: () => jump('first_error') },
    { keys: '<', label: t('log.toHead', 'Start of the log'), group, run: () => jump('head') },
    { keys: '>', label: t('log.toTail', 'End of the log'), group, run: () => jump('tail') },
    { keys: 'w', label: t('log.toWrap', 'Wrap lines'), group, run: prefs.toggleWrap },
    { keys: 't', label: t('log.toTimes', 'Times and sources'), group, run: prefs.toggleTimes },
    { keys: 'd', label: t('log.toDownload', 'Download'), group, run: download },
  ])
  // Full screen from within the log only: around it, f is the drawer's.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (event.key === 'Escape' && full) setFull(false)
    else if (event.key === 'f') setFull(!full)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div ref={root} className={cx(styles.viewer, full && styles.full, props.className)} onKeyDown={onKeyDown}>
      <div className={styles.bar}>
        <LevelSelect filter={filter} onFilter={setFilter} />
        <SourceSelect lines={view.lines} filter={filter} onFilter={setFilter} />
        <search className={styles.search}>
          <Icon name="search" size={14} />
          <input
            ref={input}
            type="text"
            value={search.text}
            placeholder={t('log.search', 'Find in log')}
            aria-label={t('log.search', 'Find in log')}
            aria-invalid={search.error !== null}
            spellCheck={false}
            onChange={(event) => search.setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') search.go(!event.shiftKey)
              else if (event.key === 'Escape' && search.text !== '') search.setText('')
              else return
              event.preventDefault()
              event.stopPropagation()
            }}
          />
          <span className={cx(styles.count, search.error !== null && styles.bad)} aria-live="polite">
            {search.status}
          </span>
          <button
            type="button"
            className={styles.toggle}
            aria-pressed={search.regex}
            aria-label={t('log.regex', 'Regular expression')}
            title={t('log.regex', 'Regular expression')}
            onClick={() => search.setRegex(!search.regex)}
          >
            .*
          </button>
          <button
            type="button"
            className={styles.toggle}
            aria-pressed={search.only}
            aria-label={t('log.only', 'Only lines that match')}
            title={t('log.only', 'Only lines that match')}
            onClick={() => search.setOnly(!search.only)}
          >
            <Icon name="filter" size={12} />
          </button>
        </search>
        <span className={styles.spacer} />
        <IconButton icon="error" label={t('log.firstError', 'First error (e)')} onClick={() => jump('first_error')} />
        <IconButton icon="arrowUp" label={t('log.head', 'Start of the log (<)')} onClick={() => jump('head')} />
        <IconButton icon="arrowDown" label={t('log.tail', 'End of the log (>)')} onClick={() => jump('tail')} />
        <IconButton
          icon="wrap"
          label={t('log.wrap', 'Wrap lines (w)')}
          pressed={prefs.wrap}
          onClick={prefs.toggleWrap}
        />
        <IconButton
          icon="clock"
          label={t('log.times', 'Times and sources (t)')}
          pressed={prefs.times}
          onClick={prefs.toggleTimes}
        />
        <DownloadLink source={source} />
        <IconButton
          icon={full ? 'collapse' : 'expand'}
          label={full ? t('log.small', 'Leave full screen (f)') : t('log.full', 'Full screen (f)')}
          pressed={full}
          onClick={() => setFull(!full)}
        />
      </div>
      <div className={styles.panes}>
        <div className={styles.pane}>
          {props.beside && <div className={styles.paneHead}>{props.label}</div>}
          {log.status === 'ready' ? (
            <LogPane
              session={session}
              state={log}
              view={view}
              filter={search.filter}
              flipped={flipped}
              pattern={search.pattern}
              currentRow={search.current}
              wrap={prefs.wrap}
              times={prefs.times}
              clock={clock}
              linkedLine={props.line ?? null}
              following={following}
              onFollowing={setFollowing}
              onFold={fold}
              onLink={link}
              label={props.label ?? t('log.title', 'Log')}
              handle={handle}
            />
          ) : (
            <LogNotice state={log} onRetry={() => void session.open(place)} />
          )}
          <Footer session={session} state={log} live={live} following={following} />
        </div>
        {props.beside && (
          <Beside {...props.beside} filter={search.filter} pattern={search.pattern} {...prefs} clock={clock} />
        )}
      </div>
    </div>
  )
}

function Beside(props: {
  source: LogSource
  state: string | null
  label: string
  filter: RowFilter
  pattern: RegExp | null
  wrap: boolean
  times: boolean
  clock: (time: number) => string
}) {
  const live = RUNNING.has(stateOf(props.state))
  const [session, log] = useLog(props.source, stateOf(props.state) === 'failed' ? 'first_error' : 'head', live)
  const [flipped, setFlipped] = useState<ReadonlySet<number>>(new Set())
  const [following, setFollowing] = useState(false)
  const handle = useRef<PaneHandle | null>(null)
  const view = usePaneView(log.window, props.filter, flipped)
  const fold = (key: number) => {
    const next = new Set(flipped)
    if (!next.delete(key)) next.add(key)
    setFlipped(next)
  }
  return (
    <div className={styles.pane}>
      <div className={styles.paneHead}>{props.label}</div>
      {log.status === 'ready' ? (
        <LogPane
          {...props}
          session={session}
          state={log}
          view={view}
          flipped={flipped}
          currentRow={-1}
          linkedLine={null}
          following={following}
          onFollowing={setFollowing}
          onFold={fold}
          onLink={() => undefined}
          handle={handle}
        />
      ) : (
        <LogNotice state={log} onRetry={() => void session.open('head')} />
      )}
      <Footer session={session} state={log} live={live} following={following} />
    </div>
  )
}

function LogNotice({ state, onRetry }: { state: LogState; onRetry: () => void }) {
  if (state.status === 'loading') return <div className={styles.scroller} aria-busy="true" />
  return (
    <div className={styles.scroller} role="alert">
      <p className={styles.notice}>
        {state.error?.message ?? t('log.unreadable', 'The log could not be read.')}
        <br />
        <button type="button" className={styles.toggle} onClick={onRetry}>
          {t('retry', 'Retry')}
        </button>
      </p>
    </div>
  )
}

function LevelSelect({ filter, onFilter }: { filter: RowFilter; onFilter: (filter: RowFilter) => void }) {
  const names: Record<Level, string> = {
    debug: t('log.all', 'All levels'),
    info: t('log.info', 'Info and up'),
    warning: t('log.warning', 'Warnings and up'),
    error: t('log.error', 'Errors'),
    critical: t('log.critical', 'Critical'),
  }
  return (
    <select
      value={filter.level}
      aria-label={t('log.level', 'Level')}
      onChange={(event) => onFilter({ ...filter, level: event.target.value as Level })}
    >
      {LEVELS.map((level) => (
        <option key={level} value={level}>
          {names[level]}
        </option>
      ))}
    </select>
  )
}

function SourceSelect(props: {
  lines: Parameters<typeof sourcesOf>[0]
  filter: RowFilter
  onFilter: (filter: RowFilter) => void
}) {
  const sources = useMemo(() => sourcesOf(props.lines).slice(0, 100), [props.lines])
  const chosen = [...props.filter.sources][0] ?? ''
  if (sources.length < 2 && chosen === '') return null
  return (
    <select
      value={chosen}
      aria-label={t('log.source', 'Source')}
      onChange={(event) =>
        props.onFilter({ ...props.filter, sources: new Set(event.target.value ? [event.target.value] : []) })
      }
    >
      <option value="">{t('log.sources', 'All sources')}</option>
      {sources.map(([source, count]) => (
        <option key={source} value={source}>
          {source} ({grouped(count)})
        </option>
      ))}
    </select>
  )
}

function DownloadLink({ source }: { source: LogSource }) {
  const label = t('log.download', 'Download (d)')
  return (
    <a
      className={styles.download}
      href={downloadUrl(source)}
      download={fileName(source)}
      title={label}
      aria-label={label}
    >
      <Icon name="download" />
    </a>
  )
}

/** REST gives a try's log whole; the merged log has no other form than its own. */
function downloadUrl(source: LogSource): string {
  if (source.kind === 'run') return urlOf(logPath(source), { ...logQuery(source), limit: 1_000_000_000 })
  const run = `/dags/${seg(source.dagId)}/dagRuns/${seg(source.runId)}`
  const path = `${run}/taskInstances/${seg(source.taskId)}/logs/${source.tryNumber}`
  return urlOf(v1(path), { full_content: true, ...(source.mapIndex >= 0 && { map_index: source.mapIndex }) })
}

function fileName(source: LogSource): string {
  const parts =
    source.kind === 'run'
      ? [source.dagId, source.runId]
      : [
          source.dagId,
          source.runId,
          source.taskId,
          ...(source.mapIndex >= 0 ? [source.mapIndex] : []),
          source.tryNumber,
        ]
  return `${parts.join('_').replace(/[^\w.+-]+/g, '-')}.log`
}

function Footer(props: { session: LogSession; state: LogState; live: boolean; following: boolean }) {
  const { session, state } = props
  const window = state.window
  if (window === null) return <div className={styles.foot} />
  const errors = window.lines.reduce((sum, line) => sum + (line.head && isError(line) ? 1 : 0), 0)
  const partial = window.start > 0 || window.end < window.size
  return (
    <div className={styles.foot}>
      <span>
        {partial ? `${bytes(window.start)} – ${bytes(window.end)} of ${bytes(window.size)}` : bytes(window.size)}
      </span>
      {partial && (
        <span className={styles.track} aria-hidden="true">
          <i
            style={{
              insetInlineStart: `${(100 * window.start) / window.size}%`,
              width: `${(100 * (window.end - window.start)) / window.size}%`,
            }}
          />
        </span>
      )}
      <span>{t('log.loaded', '{n} lines', { n: grouped(window.lines.length) })}</span>
      {errors > 0 && <span className={styles.bad}>{t('log.errors', '{n} errors', { n: grouped(errors) })}</span>}
      <span className={styles.spacer} />
      {state.error !== null && (
        <span className={styles.bad} role="alert">
          {state.error.message}{' '}
          <button type="button" onClick={() => void session.later()}>
            {t('retry', 'Retry')}
          </button>
        </span>
      )}
      {state.busy === 'scan' && <span>{t('log.scanning', 'Searching the rest of the file…')}</span>}
      {props.live && (
        <span className={styles.live}>
          {props.following ? t('log.following', 'Following') : t('log.live', 'Running')}
        </span>
      )}
    </div>
  )
}

export function bytes(size: number): string {
  if (size < 1_000) return `${size} B`
  if (size < 1_000_000) return `${(size / 1_000).toFixed(size < 10_000 ? 1 : 0)} KB`
  return `${(size / 1_000_000).toFixed(1)} MB`
}

function isTyping(target: EventTarget): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Wrapping and times, remembered in the browser. */
function usePrefs() {
  const narrow = typeof matchMedia === 'function' && matchMedia('(max-width: 719px)').matches
  const [wrap, setWrap] = useState(() => remembered('log.wrap', narrow))
  const [times, setTimes] = useState(() => remembered('log.times', false))
  const toggle = (key: string, set: (value: boolean) => void, value: boolean) => () => {
    set(!value)
    remember(key, !value)
  }
  return {
    wrap,
    times,
    toggleWrap: toggle('log.wrap', setWrap, wrap),
    toggleTimes: toggle('log.times', setTimes, times),
  }
}

function useClock(): (time: number) => string {
  const zone = useZone()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hour12: false,
      timeZone: zone,
    })
    return (time: number) => format.format(time)
  }, [zone])
}

type Search = {
  text: string
  setText: (text: string) => void
  regex: boolean
  setRegex: (regex: boolean) => void
  only: boolean
  setOnly: (only: boolean) => void
  pattern: RegExp | null
  error: string | null
  /** The filter with the text in it, when only matches are shown. */
  filter: RowFilter
  view: PaneView
  current: number
  status: string
  go: (forward: boolean) => void
}

/** The search box: matches in what is here, then (n, N) in the rest of the file. */
function useSearch(
  session: LogSession,
  log: LogState,
  base: RowFilter,
  flipped: ReadonlySet<number>,
  handle: React.RefObject<PaneHandle | null>,
): Search {
  const [text, setText] = useState('')
  const [regex, setRegex] = useState(false)
  const [only, setOnly] = useState(false)
  const [current, setCurrent] = useState(-1)
  const [nothing, setNothing] = useState(false)
  const { pattern, error } = useMemo(() => compile({ text, regex }), [text, regex])
  const filter = useMemo<RowFilter>(
    () => ({ ...base, only: only ? pattern : null, unfold: pattern !== null }),
    [base, only, pattern],
  )
  const view = usePaneView(log.window, filter, flipped)
  const matches = useMemo(() => matchingRows(view.lines, view.rows, pattern), [view, pattern])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text starts anew
  useEffect(() => {
    setCurrent(-1)
    setNothing(false)
  }, [text, regex])

  const go = (forward: boolean) => {
    if (pattern === null) return
    const from = current >= 0 ? current : (handle.current?.top() ?? 0) - 1
    const next = step(matches, from, forward)
    const wrapped = next < 0 || (forward ? next <= from : next >= from)
    const more = forward ? session.hasLater : session.hasEarlier
    if (wrapped && more) {
      setNothing(false)
      void session.scan((line) => pattern.test(messageOf(line)), forward).then((found) => setNothing(!found))
      return
    }
    if (next < 0) return
    setCurrent(next)
    handle.current?.reveal(next)
  }
  const at = matches.indexOf(current)
  const count = `${at >= 0 ? `${at + 1}/` : ''}${grouped(matches.length)}`
  const status = error ?? (text === '' ? '' : nothing ? t('log.noMore', 'no more') : count)
  return { text, setText, regex, setRegex, only, setOnly, pattern, error, filter, view, current, status, go }
}
