/** One line of a table: a row, or the heading of a group. */
import { type CSSProperties, memo } from 'react'
import { cx } from './cx'
import { Checkbox } from './Field'
import { t } from './i18n'
import type { TableProps } from './Table'
import styles from './Table.module.css'
import { type Column, isSelected, type Line, NOTHING } from './table'
import type { Cursor } from './useCursor'

type LineProps<Row> = {
  line: Line<Row> | undefined
  index: number
  place: CSSProperties
  table: TableProps<Row>
  /** Null: the narrow form. */
  columns: readonly Column<Row>[] | null
  closed: ReadonlySet<string>
  onClosed: (closed: ReadonlySet<string>) => void
  cursor: Cursor<Row>
}

export function TableLine<Row>(props: LineProps<Row>) {
  const { line, table, cursor, columns } = props
  if (!line) return null
  if (line.kind === 'group') return <GroupLine {...props} line={line} />
  const { row, key } = line
  const isChosen = isSelected(table.selection ?? NOTHING, key)
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={table.onSelection ? isChosen : undefined}
      data-key={key}
      tabIndex={-1}
      className={cx(
        styles.row,
        !columns && styles.narrow,
        table.onOpen && styles.clickable,
        isChosen && styles.selected,
        key === cursor.key && styles.cursor,
        table.rowClass?.(row),
      )}
      style={props.place}
      onClick={(event) => cursor.onClick(event, row, key)}
    >
      {table.onSelection && (
        <div role="cell" className={styles.check} data-no-open>
          <Checkbox
            label={t('table.selectRow', 'Select {key}', { key })}
            hideLabel
            checked={isChosen}
            onChange={() => undefined}
            onClick={(event) => cursor.select(key, event.shiftKey)}
          />
        </div>
      )}
      {columns ? <Cells columns={columns} row={row} /> : <div role="cell">{table.narrow?.(row)}</div>}
    </div>
  )
}

function GroupLine<Row>(props: LineProps<Row> & { line: Extract<Line<Row>, { kind: 'group' }> }) {
  const { line, closed } = props
  const isClosed = closed.has(line.group)
  const toggle = () => {
    const next = new Set(closed)
    if (!next.delete(line.group)) next.add(line.group)
    props.onClosed(next)
  }
  return (
    <div role="row" className={styles.group} style={{ ...props.place, gridTemplateColumns: '1fr' }}>
      <div role="cell">
        <button type="button" aria-expanded={!isClosed} onClick={toggle}>
          <span className={styles.arrow} aria-hidden="true">
            {isClosed ? '▸' : '▾'}
          </span>
          {props.table.group?.head(line.group, line.rows)}
        </button>
      </div>
    </div>
  )
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
