/** The log of a try (or of a whole run): tool bar, rows, and where in the file one is. */
import { type KeyboardEvent, type ReactNode, useCallback, useRef, useState } from 'react'
import { IconButton } from '../kit/Button'
import { cx } from '../kit/cx'
import { t } from '../kit/i18n'
import { useKeys } from '../kit/keys'
import { Menu } from '../kit/Menu'
import { stateOf } from '../kit/states'
import { downloadUrl, fileName } from './download'
import styles from './Log.module.css'
import { LogPane, type PaneHandle, usePaneView } from './LogPane'
import { Footer, LevelSelect, SearchBox, SourceSelect } from './LogTools'
import { isError } from './lines'
import { NO_FILTER, type RowFilter } from './rows'
import type { LogState, Place } from './session'
import { type GivenPart, type LogSource, useLog } from './useLog'
import { useClock, useLogPrefs } from './usePrefs'
import { useSearch } from './useSearch'

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
  /** A part of it that is known already, and its place. */
  given?: GivenPart | null
  /** Of the task instance or run: decides where the log opens and whether it is followed. */
  state: string | null
  /** Line to open at, from `#L120`. */
  line?: number | null
  onLine?: (line: number) => void
  /** Another try of the same task, shown beside. */
  beside?: { source: LogSource; state: string | null; label: string } | null
  label?: string
  className?: string
  /** Before the filters: which try. */
  lead?: ReactNode
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
  const [session, log] = useLog(source, place, live, props.given)
  const prefs = useLogPrefs()
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
  const { onLine } = props
  const link = useCallback((line: number) => onLine?.(line), [onLine])

  const jump = (to: Place) => {
    setFollowing(to === 'tail')
    // A merged log has no place that is known beforehand: it is looked through.
    if (source.kind === 'run' && to === 'first_error') void session.scan(isError, true, 0)
    else if (source.kind === 'run' && to === 'tail') void session.toEnd()
    else void session.open(to)
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
        <div className={styles.picks}>
          {props.lead}
          <LevelSelect filter={filter} onFilter={setFilter} />
          <SourceSelect lines={view.lines} filter={filter} onFilter={setFilter} />
        </div>
        <div className={styles.tools}>
          <SearchBox search={search} inputRef={input} />
          <IconButton icon="error" label={t('log.firstError', 'First error (e)')} onClick={() => jump('first_error')} />
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
          <Menu
            label={t('log.more', 'More of the log')}
            align="end"
            trigger={(trigger) => <IconButton icon="more" label={t('log.more', 'More of the log')} {...trigger} />}
            items={[
              { label: t('log.toHead', 'Start of the log'), icon: 'arrowUp', hint: '<', onSelect: () => jump('head') },
              { label: t('log.toTail', 'End of the log'), icon: 'arrowDown', hint: '>', onSelect: () => jump('tail') },
              { label: t('log.toDownload', 'Download'), icon: 'download', hint: 'd', onSelect: download },
              {
                label: full ? t('log.small', 'Leave full screen') : t('log.full', 'Full screen'),
                icon: full ? 'collapse' : 'expand',
                hint: 'f',
                onSelect: () => setFull(!full),
              },
            ]}
          />
          {/* Pressed by the menu and by d; a link, so that the browser saves the answer as it comes. */}
          <a hidden href={downloadUrl(source)} download={fileName(source)}>
            {t('log.toDownload', 'Download')}
          </a>
        </div>
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
          <Footer kind={source.kind} session={session} state={log} live={live} following={following} />
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
      <Footer kind={props.source.kind} session={session} state={log} live={live} following={following} />
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

function isTyping(target: EventTarget): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
