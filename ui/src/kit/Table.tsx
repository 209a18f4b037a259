/** The table of every list: virtual rows, order, chosen and resized columns, selection with an action bar, CSV, keys. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { Checkbox } from './Field'
import { number, plural, t } from './i18n'
import { Empty, ErrorBox, Skeleton } from './Placeholder'
import { usePrefs } from './prefs'
import { remember, remembered } from './store'
import styles from './Table.module.css'
import { ColumnChooser, HeadRow } from './TableHead'
import { TableLine } from './TableLine'
import {
  type Column,
  csvOf,
  isSelected,
  leastWidth,
  linesOf,
  NOTHING,
  type Selection,
  type Sort,
  selectedCount,
  sorted,
  template,
  withRows,
} from './table'
import { toast, toastError } from './Toast'
import { useCursor } from './useCursor'

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
const NEAR_END = 20

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

/** The rows in order and in groups, and which of them are drawn. */
function useLines<Row>(props: TableProps<Row>, sort: Sort | null, height: number) {
  const { columns, keyOf, group, onMore, hasMore } = props
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => sorted(props.rows ?? [], columns, sort), [props.rows, columns, sort])
  const lines = useMemo(() => linesOf(rows, keyOf, group?.of, closed), [rows, keyOf, group?.of, closed])
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 4,
  })
  useEffect(() => virtual.measure(), [virtual, height])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= lines.length - NEAR_END) onMore?.()
  }, [last, lines.length, hasMore, onMore])
  return { rows, lines, virtual, items, scroller, closed, setClosed }
}

function copyCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
  const words = t('table.copied', '{n} rows copied as CSV', { n: number(rows.length) })
  navigator.clipboard.writeText(csvOf(rows, columns)).then(
    () => toast(words),
    (problem: unknown) => toastError(t('table.notCopied', 'Not copied'), problem),
  )
}

/** See TableProps; `kit/table.ts` has the pure parts. */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, keyOf, selection = NOTHING, onSelection } = props
  const isNarrow = useNarrow() && !!props.narrow
  const { density } = usePrefs()
  const { layout, change, shown } = useLayout(props.name, columns)
  const [ownSort, setOwnSort] = useState<Sort | null>(props.sort ?? null)
  const sort = props.onSort ? (props.sort ?? null) : ownSort
  const height = props.rowHeight ?? (isNarrow ? 56 : ROW_HEIGHTS[density])
  const { rows, lines, virtual, items, scroller, closed, setClosed } = useLines(props, sort, height)
  const reveal = (index: number) => virtual.scrollToIndex(index)
  const cursor = useCursor({ table: props, lines, scroller, height, reveal })

  const total = props.total ?? rows.length
  const count = selectedCount(selection, total)
  const hasCheck = !!onSelection
  const grid = isNarrow ? `${hasCheck ? '40px ' : ''}minmax(0, 1fr)` : template(shown, layout.widths, hasCheck)
  const minWidth = isNarrow ? undefined : leastWidth(shown, layout.widths, hasCheck)
  const copy = () => copyCsv(count > 0 ? rows.filter((row) => isSelected(selection, keyOf(row))) : rows, columns)

  return (
    <div className={cx(styles.table, props.maxHeight !== undefined && styles.own)}>
      {!props.noBar && (
        <div className={styles.bar}>
          <span className="muted">{props.rows && plural(total, t('table.row', 'row'), t('table.rows', 'rows'))}</span>
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
        onKeyDown={cursor.onKeyDown}
        role="group"
        aria-label={props.label}
      >
        <div
          role="table"
          aria-label={props.label}
          aria-rowcount={total + 1}
          aria-colcount={shown.length + (hasCheck ? 1 : 0)}
        >
          <HeadRow
            columns={shown}
            grid={grid}
            minWidth={minWidth}
            isHidden={isNarrow}
            sort={sort}
            onSort={props.onSort ?? setOwnSort}
            widths={layout.widths}
            onWidth={(id, width) => change({ ...layout, widths: { ...layout.widths, [id]: width } })}
            check={hasCheck && <CheckAll keys={cursor.keys} selection={selection} onSelection={onSelection} />}
          />
          {lines.length > 0 && (
            <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize(), minWidth }}>
              {items.map((item) => (
                <TableLine
                  key={item.key}
                  line={lines[item.index]}
                  index={item.index}
                  place={{ transform: `translateY(${item.start}px)`, height, gridTemplateColumns: grid }}
                  table={props}
                  columns={isNarrow ? null : shown}
                  closed={closed}
                  onClosed={setClosed}
                  cursor={cursor}
                />
              ))}
            </div>
          )}
        </div>
        {lines.length === 0 && <NoLines table={props} />}
      </div>
      {hasCheck && count > 0 && (
        <ActionBar table={props} count={count} total={total} keys={cursor.keys} onCopy={copy} />
      )}
    </div>
  )
}

function NoLines<Row>({ table }: { table: TableProps<Row> }) {
  if (table.error && !table.rows) return <ErrorBox error={table.error} onRetry={table.onRetry} />
  if (table.rows === undefined) return <Skeleton rows={12} />
  return table.empty ?? <Empty title={t('table.empty', 'Nothing here')} />
}

function CheckAll(props: {
  keys: readonly string[]
  selection: Selection
  onSelection: (selection: Selection) => void
}) {
  const { keys, selection } = props
  const isAll = selection.all ? selection.keys.size === 0 : keys.length > 0 && selection.keys.size >= keys.length
  return (
    <Checkbox
      label={t('table.selectAll', 'Select all rows')}
      hideLabel
      checked={isAll}
      indeterminate={!isAll && (selection.all || selection.keys.size > 0)}
      onChange={(event) => props.onSelection(event.target.checked ? withRows(NOTHING, keys, true) : NOTHING)}
    />
  )
}

/** What can be done with the selection, and how to select the rest. */
function ActionBar<Row>(props: {
  table: TableProps<Row>
  count: number
  total: number
  keys: readonly string[]
  onCopy: () => void
}) {
  const { table, count, total, keys } = props
  const selection = table.selection ?? NOTHING
  const canHaveAll = table.canSelectAll && !selection.all && selection.keys.size >= keys.length && total > keys.length
  return (
    <div className={styles.actions} role="toolbar" aria-label={t('table.actions', 'Actions on the selection')}>
      <strong>{t('table.selected', '{n} selected', { n: number(count) })}</strong>
      {canHaveAll && (
        <Button size="sm" onClick={() => table.onSelection?.({ all: true, keys: new Set() })}>
          {t('table.all', 'Select all {n} that match', { n: number(total) })}
        </Button>
      )}
      <span className={styles.spacer} />
      {table.actions?.(selection, count)}
      <Button size="sm" icon="copy" variant="ghost" onClick={props.onCopy}>
        {t('table.copy', 'CSV')}
      </Button>
      <Button size="sm" icon="close" variant="ghost" onClick={() => table.onSelection?.(NOTHING)}>
        {t('table.clear', 'Clear selection')}
      </Button>
    </div>
  )
}
