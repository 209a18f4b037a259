/** The rows of one log: virtual, growing at both ends while it is scrolled, keeping its place as it grows. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { cx } from '../kit/cx'
import { plural, t } from '../kit/i18n'
import { findFolds } from './folds'
import styles from './Log.module.css'
import { LogRow } from './LogRow'
import { isError, type LogLine } from './lines'
import { layOut, type Row, type RowFilter, rowOfLine } from './rows'
import type { LogSession, LogState } from './session'
import { type LogWindow, lineAt } from './window'

const ROW = 18
/** Rows from an end at which more is read. */
const NEAR = 60

export type PaneView = { rows: Row[]; lines: readonly LogLine[] }

export type LogPaneProps = {
  session: LogSession
  state: LogState
  filter: RowFilter
  flipped: ReadonlySet<number>
  pattern: RegExp | null
  /** Row that is the current match, -1 for none. */
  currentRow: number
  wrap: boolean
  times: boolean
  clock: (time: number) => string
  linkedLine: number | null
  following: boolean
  onFollowing: (following: boolean) => void
  onFold: (key: number) => void
  onLink: (number: number) => void
  label: string
  /** Gets what is shown, and a way to scroll. */
  handle: RefObject<PaneHandle | null>
}

export type PaneHandle = {
  view: () => PaneView
  reveal: (row: number) => void
  /** First row that is on the screen. */
  top: () => number
}

export function usePaneView(window: LogWindow | null, filter: RowFilter, flipped: ReadonlySet<number>): PaneView {
  const lines = window?.lines
  const folds = useMemo(() => (lines === undefined ? [] : findFolds(lines)), [lines])
  return useMemo(
    () => ({ lines: lines ?? [], rows: lines === undefined ? [] : layOut(lines, folds, filter, flipped) }),
    [lines, folds, filter, flipped],
  )
}

export function LogPane(props: LogPaneProps & { view: PaneView }) {
  const { session, state, view, wrap } = props
  const { rows, lines } = view
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => lines[(rows[index] as Row).line]?.offset ?? index,
    initialRect: { width: 800, height: 600 },
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items[items.length - 1]?.index ?? 0

  useLayoutEffect(() => {
    props.handle.current = {
      view: () => view,
      reveal: (row) => virtual.scrollToIndex(row, { align: 'center' }),
      top: () => virtual.range?.startIndex ?? 0,
    }
  })
  useAnchor(scroller, virtual, view, state.opened)
  useStart(virtual, state, view, props.following)
  useGrowth(session, state, view, first, last)

  const onScroll = () => {
    const node = scroller.current
    if (node === null) return
    const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 24
    if (atEnd !== props.following) props.onFollowing(atEnd)
  }

  return (
    <section
      ref={scroller}
      className={cx(styles.scroller, wrap && styles.wrapped)}
      tabIndex={0}
      aria-label={props.label}
      aria-busy={state.busy !== null}
      onScroll={onScroll}
      data-log
    >
      <div className={styles.space} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index] as Row
          const line = lines[row.line] as LogLine
          const number = state.window?.firstLine == null ? null : state.window.firstLine + row.line
          return (
            <div
              key={item.key}
              ref={wrap ? virtual.measureElement : undefined}
              data-index={item.index}
              className={styles.item}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogRow
                row={row}
                line={line}
                number={number}
                hidden={row.fold === null ? 0 : row.fold.end - row.fold.start}
                pattern={props.pattern}
                current={item.index === props.currentRow}
                linked={number !== null && number === props.linkedLine}
                times={props.times}
                clock={props.clock}
                onFold={props.onFold}
                onLink={props.onLink}
              />
            </div>
          )
        })}
      </div>
      {rows.length === 0 && state.status === 'ready' && (
        <p className={styles.notice}>
          {lines.length === 0
            ? t('log.empty', 'Nothing was written yet.')
            : t('log.filtered', 'None of {lines} here passes the filter.', {
                lines: plural(lines.length, 'line', 'lines'),
              })}
        </p>
      )}
    </section>
  )
}

type Virtual = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>

/** Lines that come or go above keep what is being read where it is. */
function useAnchor(scroller: RefObject<HTMLDivElement | null>, virtual: Virtual, view: PaneView, opened: number): void {
  const before = useRef<{ view: PaneView; opened: number; key: number; delta: number } | null>(null)
  useLayoutEffect(() => {
    const anchor = before.current
    const node = scroller.current
    if (anchor !== null && node !== null && anchor.view !== view && anchor.opened === opened) {
      const index = view.rows.findIndex((row) => (view.lines[row.line]?.offset ?? -1) >= anchor.key)
      const place = index < 0 ? undefined : virtual.getOffsetForIndex(index, 'start')
      if (place !== undefined && Math.abs(place[0] + anchor.delta - node.scrollTop) > 1) {
        virtual.scrollToOffset(place[0] + anchor.delta)
      }
    }
  }, [view, opened, virtual, scroller])
  // After the effect above, so that it sees the place of the render before.
  useLayoutEffect(() => {
    const node = scroller.current
    const top = virtual.getVirtualItems().find((item) => item.end > (node?.scrollTop ?? 0))
    const row = top === undefined ? undefined : view.rows[top.index]
    if (top === undefined || row === undefined || node === null) return
    before.current = {
      view,
      opened,
      key: view.lines[row.line]?.offset ?? 0,
      delta: node.scrollTop - top.start,
    }
  })
}

/** Where a newly opened window is shown from; and its end, while following. */
function useStart(virtual: Virtual, state: LogState, view: PaneView, following: boolean): void {
  const shown = useRef(0)
  const count = view.rows.length
  useLayoutEffect(() => {
    const window = state.window
    if (window === null || shown.current === state.opened || count === 0) return
    shown.current = state.opened
    const row = startRow(state, view)
    virtual.scrollToIndex(row.index, { align: row.align })
  }, [state, view, count, virtual])
  useEffect(() => {
    if (following && shown.current > 0 && count > 0 && state.window !== null && state.window.end >= state.window.size) {
      virtual.scrollToIndex(count - 1, { align: 'end' })
    }
  }, [count, following, virtual, state.window])
}

function startRow(state: LogState, view: PaneView): { index: number; align: 'start' | 'center' | 'end' } {
  const window = state.window as LogWindow
  const last = view.rows.length - 1
  const place = state.target
  if (place === 'head') return { index: 0, align: 'start' }
  if (place === 'tail') return { index: last, align: 'end' }
  if (place === 'first_error') {
    const known = window.firstError === null ? -1 : lineAt(window, window.firstError)
    const line = known >= 0 ? known : window.lines.findIndex(isError)
    if (line < 0) return { index: last, align: 'end' }
    return { index: Math.max(0, rowOfLine(view.rows, line) - 3), align: 'start' }
  }
  const line = 'offset' in place ? lineAt(window, place.offset) : place.line - (window.firstLine ?? 1)
  return { index: Math.max(0, rowOfLine(view.rows, line)), align: 'center' }
}

/** Reads on when the end of what is here comes near. */
function useGrowth(session: LogSession, state: LogState, view: PaneView, first: number, last: number): void {
  const { opened, busy } = state
  const count = view.rows.length
  // A part that could not be read is asked for again by the reader, not by the scroll place.
  const failed = state.error !== null
  const settled = useRef(0)
  useEffect(() => {
    if (opened === 0 || busy !== null || failed || count === 0) return
    // The first frames of a new window still have the scroll place of the old one, or none.
    if (settled.current !== opened) {
      const { index } = startRow(state, view)
      if (first <= index && index <= last) settled.current = opened
      return
    }
    if (last > count - NEAR && session.hasLater) void session.later()
    else if (first < NEAR && session.hasEarlier) void session.earlier()
    // Only these move it
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session, opened, busy, failed, first, last, count])
}
