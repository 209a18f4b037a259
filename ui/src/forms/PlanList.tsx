/** The list of a dry run: what would be touched, each row can be left out. Virtual: any length. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { Instance } from '../api/queries/actions'
import { cx } from '../kit/cx'
import { Checkbox } from '../kit/Field'
import { number, t } from '../kit/i18n'
import { Skeleton } from '../kit/Placeholder'
import { StateBadge } from '../kit/StateBadge'
import styles from './Dialogs.module.css'

export type PlanRow = { dag_id: string; dag_run_id: string; task_id?: string; map_index?: number; state: string | null }

export function keyOf(row: Instance | PlanRow): string {
  return JSON.stringify([row.dag_id, row.dag_run_id, row.task_id ?? null, row.map_index ?? -1])
}

const ROW = 26
const MOST_HEIGHT = 300

export function PlanList<Row extends PlanRow>(props: {
  rows: readonly Row[]
  total: number
  loading: boolean
  stale: boolean
  unchecked: ReadonlyMap<string, unknown>
  /** Without: rows cannot be left out. */
  onFlip?: (row: Row) => void
  onAll?: (on: boolean) => void
  empty: string
}) {
  const { rows } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    initialRect: { width: 700, height: MOST_HEIGHT },
  })
  const manyDags = new Set(rows.map((row) => row.dag_id)).size > 1
  if (props.loading) return <Skeleton rows={3} height={112} />
  if (rows.length === 0) return <p className={styles.empty}>{props.empty}</p>
  const left = props.unchecked.size
  return (
    <div className={cx(styles.plan, props.stale && styles.stale)} role="table" aria-rowcount={props.total + 1}>
      <div className={styles.planHead} role="row">
        {props.onFlip && (
          <span role="columnheader" className={styles.tick}>
            <Checkbox
              label={t('plan.all', 'All')}
              hideLabel
              checked={left === 0}
              indeterminate={left > 0 && left < rows.length}
              onChange={(event) => props.onAll?.(event.target.checked)}
            />
          </span>
        )}
        {manyDags && <span role="columnheader">{t('dag', 'DAG')}</span>}
        {rows[0]?.task_id !== undefined && <span role="columnheader">{t('task', 'Task')}</span>}
        <span role="columnheader" className={styles.stateColumn}>
          {t('state', 'State')}
        </span>
        <span role="columnheader" className={styles.runColumn}>
          {t('run', 'Run')}
        </span>
      </div>
      <div
        ref={scroller}
        role="rowgroup"
        className={styles.planBody}
        style={{ height: Math.min(MOST_HEIGHT, rows.length * ROW) }}
        tabIndex={0}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index] as Row
            const name = `${row.task_id ?? row.dag_run_id}${(row.map_index ?? -1) >= 0 ? ` [${row.map_index}]` : ''}`
            return (
              <div
                key={keyOf(row)}
                role="row"
                aria-rowindex={item.index + 2}
                className={styles.planRow}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {props.onFlip && (
                  <span role="cell" className={styles.tick}>
                    <Checkbox
                      label={name}
                      hideLabel
                      checked={!props.unchecked.has(keyOf(row))}
                      onChange={() => props.onFlip?.(row)}
                    />
                  </span>
                )}
                {manyDags && (
                  <span role="cell" className="truncate" title={row.dag_id}>
                    {row.dag_id}
                  </span>
                )}
                {row.task_id !== undefined && (
                  <span role="cell" className="truncate" title={name}>
                    {name}
                  </span>
                )}
                <span role="cell" className={styles.stateColumn}>
                  <StateBadge state={row.state} />
                </span>
                <span role="cell" className={cx(styles.runColumn, 'truncate muted')} title={row.dag_run_id}>
                  {row.dag_run_id}
                </span>
              </div>
            )
          })}
        </div>
      </div>
      {props.total > rows.length && (
        <p className={styles.planMore}>{t('plan.more', 'and {n} more', { n: number(props.total - rows.length) })}</p>
      )}
    </div>
  )
}
