/** A table's head: order by click, width by dragging or arrow keys; and the choice of columns. */
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react'
import { Button, IconButton } from './Button'
import { cx } from './cx'
import { Checkbox } from './Field'
import { t } from './i18n'
import { Icon } from './icons'
import { Popover } from './Menu'
import styles from './Table.module.css'
import { type Column, nextSort, type Sort } from './table'

type Layout = { hidden: Record<string, boolean>; widths: Record<string, number> }

export function HeadRow<Row>(props: {
  columns: readonly Column<Row>[]
  grid: string
  minWidth: number | undefined
  /** Only to be heard: the narrow form has no columns to see. */
  isHidden: boolean
  sort: Sort | null
  onSort: (sort: Sort | null) => void
  widths: Readonly<Record<string, number>>
  onWidth: (id: string, width: number) => void
  check: ReactNode
}) {
  return (
    <div
      role="rowgroup"
      className={props.isHidden ? 'visually-hidden' : styles.head}
      style={{ minWidth: props.minWidth }}
    >
      <div role="row" aria-rowindex={1} className={styles.headRow} style={{ gridTemplateColumns: props.grid }}>
        {props.check && (
          <div role="columnheader" className={styles.check}>
            {props.check}
          </div>
        )}
        {props.columns.map((column) => {
          const order = props.sort?.id === column.id ? (props.sort.desc ? 'descending' : 'ascending') : undefined
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-sort={column.sort ? (order ?? 'none') : undefined}
              className={cx(styles.headCell, column.align && styles[column.align])}
              title={column.title}
            >
              {column.sort ? (
                <button
                  type="button"
                  className={styles.sort}
                  onClick={() => props.onSort(nextSort(column, props.sort))}
                >
                  <Words column={column} />
                  {order && <Icon name={order === 'ascending' ? 'arrowUp' : 'arrowDown'} size={12} />}
                </button>
              ) : (
                <Words column={column} />
              )}
              {!column.quietHead && <Sizer column={column} onWidth={props.onWidth} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Words<Row>({ column }: { column: Column<Row> }) {
  return <span className={column.quietHead ? 'visually-hidden' : styles.words}>{column.head}</span>
}

function Sizer<Row>({ column, onWidth }: { column: Column<Row>; onWidth: (id: string, width: number) => void }) {
  const widthOf = (element: Element) => element.parentElement?.getBoundingClientRect().width ?? 100
  const set = (width: number) => onWidth(column.id, Math.max(column.min ?? 48, Math.round(width)))
  const drag = (event: PointerEvent<HTMLSpanElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const left = event.currentTarget.parentElement?.getBoundingClientRect().left ?? 0
    set(event.clientX - left)
  }
  const key = (event: KeyboardEvent<HTMLSpanElement>) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key]
    if (!by) return
    event.preventDefault()
    event.stopPropagation()
    set(widthOf(event.currentTarget) + by)
  }
  return (
    <span
      className={styles.sizer}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('table.width', 'Width of {name}', { name: column.head })}
      aria-valuenow={column.width ?? 140}
      tabIndex={-1}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={key}
    />
  )
}

export function ColumnChooser<Row>(props: {
  columns: readonly Column<Row>[]
  layout: Layout
  onChange: (layout: Layout) => void
  onCopy: () => void
}) {
  const { layout, onChange } = props
  return (
    <Popover
      label={t('table.columns', 'Columns')}
      align="end"
      width={220}
      trigger={(trigger) => <IconButton icon="columns" label={t('table.columns', 'Columns')} {...trigger} />}
    >
      <div className={styles.chooser}>
        {props.columns.map((column) => (
          <Checkbox
            key={column.id}
            label={column.head}
            disabled={column.fixed}
            checked={column.fixed || !(layout.hidden[column.id] ?? column.hidden ?? false)}
            onChange={(event) =>
              onChange({ ...layout, hidden: { ...layout.hidden, [column.id]: !event.target.checked } })
            }
          />
        ))}
        <div className={styles.chooserEnd}>
          <Button size="sm" onClick={() => onChange({ hidden: {}, widths: {} })}>
            {t('table.reset', 'Reset')}
          </Button>
          <Button size="sm" icon="copy" onClick={props.onCopy}>
            {t('table.csv', 'Copy CSV')}
          </Button>
        </div>
      </div>
    </Popover>
  )
}
