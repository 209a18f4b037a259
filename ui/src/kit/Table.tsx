/** The table of every list: virtual rows, order, chosen and resized columns, selection with an action bar, CSV, keys. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { Checkbox } from './Field'
import { number, t } from './i18n'
import { useKeys } from './keys'
import { Empty, ErrorBox, Skeleton } from './Placeholder'
import { usePrefs } from './prefs'
import { remember, remembered } from './store'
import styles from './Table.module.css'
import { ColumnChooser, HeadRow } from './TableHead'
import { toast } from './Toast'
import {
  type Column,
  csvOf,
  isSelected,
  leastWidth,
  NOTHING,
  rangeOf,
  type Selection,
  type Sort,
  selectedCount,
  sorted,
  template,
  withRows,
} from './table'

export type { Column, Selection, Sort } from './table'
export { isSelected, NOTHING, selectedCount, sortFrom, sortText } from './table'

export type TableProps<Row> = {
  /** Under which widths and columns are remembered. */
  name: string
  /** What it is a table of, to a screen reader. */
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  keyOf: (row: Row) => string
  error?: unknown
  onRetry?: () => void
  /** What stands there when there are no rows. */
  empty?: ReactNode
  /** The order; without `onSort` the table keeps its own, beginning with this. */
  sort?: Sort | null
  onSort?: (sort: Sort | null) => void
  /** How many match in all, when `rows` are only some of them. */
  total?: number
  /** More rows are fetched when the end is near. */
  onMore?: () => void
  hasMore?: boolean
  /** Rows can be selected; the owner keeps what is. */
  selection?: Selection
  onSelection?: (selection: Selection) => void
  /** "Select all N that match" is offered: the owner's actions take a filter and not keys. */
  canSelectAll?: boolean
  /** The buttons of the bar that a selection shows. */
  actions?: (selection: Selection, count: number) => ReactNode
  /** Enter and a click on a row. Links inside work as links. */
  onOpen?: (row: Row) => void
  /** The row that is open beside the table. */
  openKey?: string | null
  /** More keys, for the row that has the cursor. */
  rowKeys?: readonly { keys: string; label: string; run: (row: Row) => void }[]
  /** Under 720 px: the row as two lines of its own. */
  narrow?: (row: Row) => ReactNode
  rowClass?: (row: Row) => string | undefined
  /** Rows under headings; they must come in the groups' order. */
  group?: { of: (row: Row) => string; head: (group: string, rows: readonly Row[]) => ReactNode }
  /** At the right over the table, before the column chooser. */
  tools?: ReactNode
  /** Hides the line with the count, tools and column chooser. */
  noBar?: boolean
  /** Not the rest of the page's height but its own, up to so many px. */
  maxHeight?: number
  rowHeight?: number
}

const ROW_HEIGHTS = { compact: 26, normal: 32, roomy: 40 } as const
const NARROW = '(max-width: 719px)'

function useNarrow(): boolean {
  const [is, set] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const media = matchMedia(NARROW)
    const changed = () => set(media.matches)
    media.addEventListener('change', changed)
    return () => media.removeEventListener('change', changed)
  }, [])
  return is
}

type Layout = { hidden: Record<string, boolean>; widths: Record<string, number> }

function useLayout<Row>(name: string, columns: readonly Column<Row>[]) {
  const key = `table.${name}`
  const [layout, setLayout] = useState<Layout>(() => remembered(key, { hidden: {}, widths: {} }))
  const change = (next: Layout) => {
    setLayout(next)
    remember(key, next)
  }
  const shown = useMemo(
    () => columns.filter((column) => column.fixed || !(layout.hidden[column.id] ?? column.hidden ?? false)),
    [columns, layout.hidden],
  )
  return { layout, change, shown }
}

type Line<Row> = { kind: 'row'; row: Row; key: string } | { kind: 'group'; group: string; rows: readonly Row[] }

function linesOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  group: TableProps<Row>['group'],
  closed: ReadonlySet<string>,
): Line<Row>[] {
  if (!group) return rows.map((row) => ({ kind: 'row', row, key: keyOf(row) }))
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = group.of(row)
    const list = groups.get(name)
    if (list) list.push(row)
    else groups.set(name, [row])
  }
  return [...groups].flatMap(([name, list]) => [
    { kind: 'group' as const, group: name, rows: list },
    ...(closed.has(name) ? [] : list.map((row) => ({ kind: 'row' as const, row, key: keyOf(row) }))),
  ])
}

/** See TableProps; `kit/table.ts` has the pure parts. */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, keyOf, selection = NOTHING, onSelection } = props
  const isNarrow = useNarrow() && !!props.narrow
  const { density } = usePrefs()
  const { layout, change, shown } = useLayout(props.name, columns)
  const [ownSort, setOwnSort] = useState<Sort | null>(props.sort ?? null)
  const sort = props.onSort ? (props.sort ?? null) : ownSort
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<string | null>(null)
  const anchor = useRef<string | null>(null)
  const scroller = useRef<HTMLDivElement>(null)

  const rows = useMemo(() => sorted(props.rows ?? [], columns, sort), [props.rows, columns, sort])
  const lines = useMemo(() => linesOf(rows, keyOf, props.group, closed), [rows, keyOf, props.group, closed])
  const keys = useMemo(() => lines.flatMap((line) => (line.kind === 'row' ? [line.key] : [])), [lines])
  const height = props.rowHeight ?? (isNarrow ? 56 : ROW_HEIGHTS[density])
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 4,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured sizes are void when the height changes
  useEffect(() => virtual.measure(), [height])

  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { onMore, hasMore } = props
  useEffect(() => {
    if (hasMore && last >= lines.length - 20) onMore?.()
  }, [last, lines.length, hasMore, onMore])

  const total = props.total ?? rows.length
  const count = selectedCount(selection, total)
  const moveTo = (index: number) => {
    const key = keys[Math.max(0, Math.min(index, keys.length - 1))]
    if (key === undefined) return null
    setCursor(key)
    virtual.scrollToIndex(lines.findIndex((line) => line.kind === 'row' && line.key === key))
    return lines.find((line) => line.kind === 'row' && line.key === key) as Extract<Line<Row>, { kind: 'row' }>
  }
  const step = (by: number) => {
    const from = keys.indexOf(props.openKey ?? cursor ?? '')
    const line = moveTo(from < 0 ? (by > 0 ? 0 : keys.length - 1) : from + by)
    // With a row open beside the table, stepping opens the next one.
    if (line && props.openKey) props.onOpen?.(line.row)
  }
  const select = (key: string, range: boolean) => {
    const chosen = !isSelected(selection, key)
    onSelection?.(withRows(selection, range ? rangeOf(keys, anchor.current, key) : [key], chosen))
    anchor.current = key
  }
  const rowAtCursor = () => rows.find((row) => keyOf(row) === cursor)
  const group = t('keys.table', 'List')
  useKeys(
    [
      { keys: 'j', label: t('keys.next', 'Next row'), group, run: () => step(1) },
      { keys: 'k', label: t('keys.previous', 'Previous row'), group, run: () => step(-1) },
      ...(onSelection
        ? [
            { keys: 'x', label: t('keys.select', 'Select row'), group, run: () => cursor && select(cursor, false) },
            {
              keys: 'shift+x',
              label: t('keys.range', 'Select up to here'),
              group,
              run: () => cursor && select(cursor, true),
            },
          ]
        : []),
      ...(props.onOpen
        ? [
            {
              keys: 'Enter',
              label: t('keys.open', 'Open'),
              group,
              run: () => {
                const row = rowAtCursor()
                if (row) props.onOpen?.(row)
              },
            },
          ]
        : []),
      ...(props.rowKeys ?? []).map((one) => ({
        keys: one.keys,
        label: one.label,
        group,
        run: () => {
          const row = rowAtCursor()
          if (row) one.run(row)
        },
      })),
    ],
    keys.length > 0,
  )
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 1)
    const at = keys.indexOf(cursor ?? '')
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: keys.length - 1,
    }[event.key]
    if (to === undefined || event.target !== event.currentTarget) return
    event.preventDefault()
    moveTo(Math.max(0, to))
  }
  const onClickRow = (event: MouseEvent, row: Row, key: string) => {
    if ((event.target as Element).closest('a, button, input, label, select, [data-no-open]')) return
    // Marking text is not a click.
    if (window.getSelection()?.toString()) return
    setCursor(key)
    props.onOpen?.(row)
  }
  const copy = () => {
    const chosen = count > 0 ? rows.filter((row) => isSelected(selection, keyOf(row))) : rows
    void navigator.clipboard
      .writeText(csvOf(chosen, columns))
      .then(() => toast(t('table.copied', '{n} rows copied as CSV', { n: number(chosen.length) })))
  }

  const hasCheck = !!onSelection
  const grid = isNarrow ? `${hasCheck ? '40px ' : ''}minmax(0, 1fr)` : template(shown, layout.widths, hasCheck)
  const minWidth = isNarrow ? undefined : leastWidth(shown, layout.widths, hasCheck)
  const body = props.rows === undefined && !props.error
  const allLoaded =
    count > 0 && !selection.all && keys.length > 0 && selection.keys.size >= keys.length && total > keys.length

  return (
    <div className={cx(styles.table, props.maxHeight !== undefined && styles.own)}>
      {!props.noBar && (
        <div className={styles.bar}>
          <span className="muted">{props.rows && t('table.count', '{n} rows', { n: number(total) })}</span>
          <span className={styles.tools}>
            {props.tools}
            {!isNarrow && <ColumnChooser columns={columns} layout={layout} onChange={change} onCopy={copy} />}
          </span>
        </div>
      )}
      <div
        ref={scroller}
        className={styles.scroller}
        style={{ maxHeight: props.maxHeight }}
        tabIndex={0}
        onKeyDown={onKeyDown}
        role="table"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={shown.length + (hasCheck ? 1 : 0)}
      >
        {!isNarrow && (
          <HeadRow
            columns={shown}
            grid={grid}
            minWidth={minWidth}
            sort={sort}
            onSort={props.onSort ?? setOwnSort}
            widths={layout.widths}
            onWidth={(id, width) => change({ ...layout, widths: { ...layout.widths, [id]: width } })}
            check={
              hasCheck && (
                <Checkbox
                  label={t('table.selectAll', 'Select all rows')}
                  hideLabel
                  checked={
                    count > 0 && (selection.all ? selection.keys.size === 0 : selection.keys.size >= keys.length)
                  }
                  indeterminate={count > 0}
                  onChange={(event) => onSelection?.(event.target.checked ? withRows(NOTHING, keys, true) : NOTHING)}
                />
              )
            }
          />
        )}
        {body ? (
          <Skeleton rows={12} />
        ) : props.error && !props.rows ? (
          <ErrorBox error={props.error} onRetry={props.onRetry} />
        ) : lines.length === 0 ? (
          (props.empty ?? <Empty title={t('table.empty', 'Nothing here')} />)
        ) : (
          <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize(), minWidth }}>
            {items.map((item) => {
              const line = lines[item.index]
              if (!line) return null
              const place = { transform: `translateY(${item.start}px)`, height, gridTemplateColumns: grid }
              if (line.kind === 'group')
                return (
                  <div
                    key={`g:${line.group}`}
                    role="row"
                    className={styles.group}
                    style={{ ...place, gridTemplateColumns: '1fr' }}
                  >
                    <div role="cell">
                      <button
                        type="button"
                        aria-expanded={!closed.has(line.group)}
                        onClick={() => setClosed(toggled(closed, line.group))}
                      >
                        <span className={styles.arrow} aria-hidden="true">
                          {closed.has(line.group) ? '▸' : '▾'}
                        </span>
                        {props.group?.head(line.group, line.rows)}
                      </button>
                    </div>
                  </div>
                )
              const { row, key } = line
              return (
                <div
                  key={key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={hasCheck ? isSelected(selection, key) : undefined}
                  className={cx(
                    styles.row,
                    isNarrow && styles.narrow,
                    props.onOpen && styles.clickable,
                    isSelected(selection, key) && styles.selected,
                    key === (props.openKey ?? cursor) && styles.cursor,
                    props.rowClass?.(row),
                  )}
                  style={place}
                  onClick={(event) => onClickRow(event, row, key)}
                >
                  {hasCheck && (
                    <div role="cell" className={styles.check} data-no-open>
                      <Checkbox
                        label={t('table.selectRow', 'Select {key}', { key })}
                        hideLabel
                        checked={isSelected(selection, key)}
                        onChange={() => undefined}
                        onClick={(event) => select(key, event.shiftKey)}
                      />
                    </div>
                  )}
                  {isNarrow ? <div role="cell">{props.narrow?.(row)}</div> : <Cells columns={shown} row={row} />}
                </div>
              )
            })}
          </div>
        )}
      </div>
      {hasCheck && count > 0 && (
        <div className={styles.actions} role="toolbar" aria-label={t('table.actions', 'Actions on the selection')}>
          <strong>{t('table.selected', '{n} selected', { n: number(count) })}</strong>
          {props.canSelectAll && allLoaded && (
            <Button size="sm" onClick={() => onSelection?.({ all: true, keys: new Set() })}>
              {t('table.all', 'Select all {n} that match', { n: number(total) })}
            </Button>
          )}
          <span className={styles.spacer} />
          {props.actions?.(selection, count)}
          <Button size="sm" icon="copy" variant="ghost" onClick={copy}>
            CSV
          </Button>
          <Button size="sm" icon="close" variant="ghost" onClick={() => onSelection?.(NOTHING)}>
            {t('table.clear', 'Clear selection')}
          </Button>
        </div>
      )}
    </div>
  )
}

function toggled(set: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(one)) next.add(one)
  return next
}

function CellsOf<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <div key={column.id} role="cell" className={cx(styles.cell, column.align && styles[column.align])}>
      {column.cell(row)}
    </div>
  ))
}

// Scrolling draws the row's frame again, not what is in it.
const Cells = memo(CellsOf) as unknown as typeof CellsOf
