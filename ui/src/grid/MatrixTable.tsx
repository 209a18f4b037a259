/** The matrix as a table of words: for those who cannot use the picture, and for copying. A window of rows at a time. */
import { useState } from 'react'
import { Button } from '../kit/Button'
import { plural, t } from '../kit/i18n'
import { StateCell } from '../kit/StateBadge'
import { stateLabel } from '../kit/states'
import { ABSENT, stateOf } from './codes'
import { runMoment, type Words } from './describe'
import styles from './matrix.module.css'
import { cellCode, type GridModel } from './model'

/** As many cells as keep the page's elements few. */
const CELLS = 400

export interface MatrixTableProps {
  readonly model: GridModel
  readonly rows: Int32Array
  readonly cols: Int32Array
  readonly words: Words
  readonly label: string
  onOpen(task: string | null, run: string): void
}

/** Tasks as rows, the newest runs as columns, states in words. */
export function MatrixTable({ model, rows, cols, words, label, onOpen }: MatrixTableProps) {
  const [first, setFirst] = useState(0)
  const newest = cols.length > 0 && (cols[0] as number) > (cols[cols.length - 1] as number) ? cols : cols.toReversed()
  const shownCols = newest.slice(0, 5)
  const size = Math.max(10, Math.floor(CELLS / (shownCols.length * 4 + 2)))
  const start = Math.min(first, Math.max(0, rows.length - 1))
  const shownRows = rows.slice(start, start + size)
  return (
    <div className={styles.tableBox} data-matrix="">
      <table className={styles.table}>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{t('grid.task', 'Task')}</th>
            {Array.from(shownCols, (col) => {
              const run = model.runs[col]
              return run ? (
                <th key={run.id} scope="col">
                  <button type="button" className={styles.plain} onClick={() => onOpen(null, run.id)}>
                    <StateCell state={run.state} label={stateLabel(run.state)} /> {words.time(runMoment(run))}
                  </button>
                </th>
              ) : null
            })}
          </tr>
        </thead>
        <tbody>
          {Array.from(shownRows, (row) => {
            const task = model.tasks[row]
            return task ? (
              <tr key={task.id}>
                <th scope="row" style={{ paddingLeft: 12 + task.depth * 14 }}>
                  {task.label}
                </th>
                {Array.from(shownCols, (col) => {
                  const code = cellCode(model, row, col)
                  const state = stateOf(code) ?? 'none'
                  const run = model.runs[col]
                  if (code === ABSENT || !run) return <td key={col}>–</td>
                  return (
                    <td key={col}>
                      <button
                        type="button"
                        className={styles.plain}
                        disabled={Boolean(task.group)}
                        onClick={() => onOpen(task.id, run.id)}
                      >
                        <StateCell state={state} /> {stateLabel(state)}
                      </button>
                    </td>
                  )
                })}
              </tr>
            ) : null
          })}
        </tbody>
      </table>
      {rows.length > size && (
        <div className={styles.bar}>
          <Button size="sm" disabled={start === 0} onClick={() => setFirst(Math.max(0, start - size))}>
            {t('table.previous', 'Previous')}
          </Button>
          <span>
            {start + 1}–{Math.min(rows.length, start + size)} / {plural(rows.length, 'row', 'rows')}
          </span>
          <Button size="sm" disabled={start + size >= rows.length} onClick={() => setFirst(start + size)}>
            {t('table.next', 'Next')}
          </Button>
        </div>
      )}
    </div>
  )
}
