/** The tools above a log: level, source, search; and below it: where in the file one is. */
import { useMemo } from 'react'
import { cx } from '../kit/cx'
import { Select } from '../kit/Field'
import { number as grouped, plural, t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import styles from './Log.module.css'
import { isError, LEVELS, type Level } from './lines'
import { type RowFilter, sourcesOf } from './rows'
import type { LogSession, LogState } from './session'
import type { LogSource } from './useLog'
import type { Search } from './useSearch'

export function LevelSelect({ filter, onFilter }: { filter: RowFilter; onFilter: (filter: RowFilter) => void }) {
  const names: Record<Level, string> = {
    debug: t('log.all', 'All levels'),
    info: t('log.info', 'Info and up'),
    warning: t('log.warning', 'Warnings and up'),
    error: t('log.error', 'Errors'),
    critical: t('log.critical', 'Critical'),
  }
  return (
    <Select
      className={styles.levels}
      value={filter.level}
      aria-label={t('log.level', 'Level')}
      options={LEVELS.map((level) => ({ value: level, label: names[level] }))}
      onChange={(level) => onFilter({ ...filter, level: level as Level })}
    />
  )
}

export function SourceSelect(props: {
  lines: Parameters<typeof sourcesOf>[0]
  filter: RowFilter
  onFilter: (filter: RowFilter) => void
}) {
  const sources = useMemo(() => sourcesOf(props.lines).slice(0, 100), [props.lines])
  const chosen = [...props.filter.sources][0] ?? ''
  if (sources.length < 2 && chosen === '') return null
  return (
    <Select
      className={styles.sources}
      value={chosen}
      aria-label={t('log.source', 'Source')}
      options={[
        { value: '', label: t('log.sources', 'All sources') },
        ...sources.map(([source, count]) => ({ value: source, label: `${source} (${grouped(count)})` })),
      ]}
      onChange={(source) => props.onFilter({ ...props.filter, sources: new Set(source ? [source] : []) })}
    />
  )
}

export function SearchBox({
  search,
  inputRef,
}: {
  search: Search
  inputRef: React.RefObject<HTMLInputElement | null>
}) {
  return (
    <search className={styles.search}>
      <Icon name="search" size={14} />
      <input
        ref={inputRef}
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
          else if (event.key === 'Escape') event.currentTarget.blur()
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <span className={cx(styles.count, search.error !== null && styles.bad)} aria-live="polite" title={search.status}>
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
  )
}

export function Footer(props: {
  kind: LogSource['kind']
  session: LogSession
  state: LogState
  live: boolean
  following: boolean
}) {
  const { session, state } = props
  const window = state.window
  if (window === null) return <div className={styles.foot} />
  const errors = window.lines.reduce((sum, line) => sum + (line.head && isError(line) ? 1 : 0), 0)
  const partial = window.start > 0 || window.end < window.size
  const isBytes = props.kind === 'task'
  return (
    <div className={styles.foot}>
      {isBytes && (
        <span>
          {partial ? `${bytes(window.start)} – ${bytes(window.end)} of ${bytes(window.size)}` : bytes(window.size)}
        </span>
      )}
      {isBytes && partial && (
        <span className={styles.track} aria-hidden="true">
          <i
            style={{
              insetInlineStart: `${(100 * window.start) / window.size}%`,
              width: `${(100 * (window.end - window.start)) / window.size}%`,
            }}
          />
        </span>
      )}
      <span>{plural(window.lines.length, 'line', 'lines')}</span>
      {errors > 0 && <span className={styles.bad}>{plural(errors, 'error', 'errors')}</span>}
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
