/** One line on the screen. What the log says reaches the page as text nodes only. */
import { memo } from 'react'
import { cx } from '../kit/cx'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { type AnsiStyle, parseAnsi } from './ansi'
import styles from './Log.module.css'
import { groupTitle, type Level, type LogLine } from './lines'
import { tagColor } from './merged'
import type { Row } from './rows'
import { highlight } from './search'

/** Longer lines are cut on the screen; the download has them whole. */
const MOST_SHOWN = 20_000

const LETTERS: Record<Level, string> = { debug: 'D', info: '', warning: 'W', error: 'E', critical: 'C' }

export type LogRowProps = {
  row: Row
  line: LogLine
  number: number | null
  /** Lines that a closed fold hides. */
  hidden: number
  pattern: RegExp | null
  current: boolean
  linked: boolean
  times: boolean
  clock: (time: number) => string
  onFold: (key: number) => void
  onLink: (number: number) => void
}

export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { line, row, number } = props
  return (
    <div
      className={cx(styles.row, styles[line.level], props.current && styles.current, props.linked && styles.linked)}
      title={props.times ? undefined : sourceTitle(line, props.clock)}
    >
      {number === null ? (
        <span className={styles.number} />
      ) : (
        <button
          type="button"
          className={styles.number}
          tabIndex={-1}
          onClick={() => props.onLink(number)}
          aria-label={t('log.linkTo', 'Link to line {n}', { n: number })}
          data-n={number}
        />
      )}
      {props.times && (
        <span className={styles.time}>
          <span>{line.time === null ? '' : props.clock(line.time)}</span>
          {line.head && line.source && <span className={styles.source}>{line.source}</span>}
        </span>
      )}
      <span className={styles.level} aria-hidden={LETTERS[line.level] === ''} title={line.level}>
        {line.head || line.kind === 'traceback' ? LETTERS[line.level] : ''}
      </span>
      {line.tag !== undefined && (
        <span className={cx(styles.tag, styles[`tag${tagColor(line.tag)}`])} title={line.tag}>
          {line.tag}
        </span>
      )}
      <span className={styles.text} style={{ paddingInlineStart: row.depth * 16 }}>
        {row.fold === null ? <LineText line={line} pattern={props.pattern} /> : <FoldHead {...props} />}
      </span>
    </div>
  )
})

function FoldHead({ row, line, hidden, pattern, onFold }: LogRowProps) {
  const fold = row.fold
  if (fold === null) return null
  const label = row.open ? t('log.close', 'Fold') : t('log.open', 'Unfold {n} lines', { n: hidden })
  return (
    <>
      <button
        type="button"
        className={styles.fold}
        aria-expanded={row.open}
        aria-label={label}
        onClick={() => onFold(fold.key)}
      >
        <Icon name={row.open ? 'chevronDown' : 'chevronRight'} size={12} />
      </button>
      {fold.kind === 'group' ? (
        <span className={styles.group}>{groupTitle(line)}</span>
      ) : (
        <LineText line={line} pattern={pattern} />
      )}
      {!row.open && (
        <span className={styles.hidden}>
          {fold.kind === 'traceback' && fold.title !== '' ? `${hidden - 1} lines · ` : ''}
          {fold.kind === 'traceback' && fold.title !== '' ? (
            <b>{fold.title.slice(0, 400)}</b>
          ) : (
            t('log.lines', '{n} lines', { n: hidden })
          )}
        </span>
      )}
    </>
  )
}

function LineText({ line, pattern }: { line: LogLine; pattern: RegExp | null }) {
  const raw = line.body === 0 ? line.raw : line.raw.slice(line.body)
  const cut = raw.length > MOST_SHOWN
  const pieces = highlight(parseAnsi(cut ? raw.slice(0, MOST_SHOWN) : raw), pattern)
  return (
    <>
      {pieces.map((piece, index) =>
        piece.hit ? (
          <mark key={index}>{piece.text}</mark>
        ) : piece.style === null ? (
          piece.text
        ) : (
          <span key={index} className={classOf(piece.style)}>
            {piece.text}
          </span>
        ),
      )}
      {cut && (
        <span className={styles.hidden}>
          {t('log.cut', '… {n} characters more; the download has them', { n: raw.length - MOST_SHOWN })}
        </span>
      )}
    </>
  )
}

function classOf(style: AnsiStyle): string {
  return cx(
    style.fg !== undefined && styles[`fg${style.fg}`],
    style.bg !== undefined && styles[`bg${style.bg % 8}`],
    style.bold && styles.bold,
    style.dim && styles.dim,
    style.italic && styles.italic,
    style.underline && styles.underline,
    style.strike && styles.strike,
  )
}

function sourceTitle(line: LogLine, clock: (time: number) => string): string | undefined {
  const parts = [line.time === null ? '' : clock(line.time), line.source].filter(Boolean)
  return parts.length === 0 ? undefined : parts.join(' · ')
}
