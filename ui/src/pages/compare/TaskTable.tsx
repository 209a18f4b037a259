/** Tasks of the compared runs: states, times, the difference, and their bars over one another. */
import { useState } from 'react'
import { t } from '../../kit/i18n'
import { StateCell } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
import { type Column, Table } from '../../kit/Table'
import { duration } from '../../kit/time'
import styles from './Compare.module.css'
import { barOf, type CompareAnswer, type CompareRow, LETTERS, signed } from './model'
import { TaskDiff } from './TaskDiff'

export function TaskTable(props: { answer: CompareAnswer; rows: readonly CompareRow[]; longest: number }) {
  const { answer } = props
  const [open, setOpen] = useState<CompareRow | null>(null)
  return (
    <>
      <Table
        name={`compare-${answer.runs.length}`}
        label={t('compare.tasks', 'Tasks')}
        columns={columnsOf(answer, props.longest)}
        rows={props.rows}
        keyOf={(row) => row.key}
        onOpen={setOpen}
        maxHeight={640}
      />
      {open !== null && <TaskDiff answer={answer} row={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function columnsOf(answer: CompareAnswer, longest: number): Column<CompareRow>[] {
  const perRun = answer.runs.map((run, index): Column<CompareRow> => {
    const letter = (LETTERS[index] ?? '').toUpperCase()
    return {
      id: letter,
      head: letter,
      title: run.run_id,
      width: 92,
      descFirst: true,
      sort: (row) => row.cells[index]?.duration ?? null,
      cell: (row) => {
        const cell = row.cells[index]
        if (cell == null) return <span className="muted">–</span>
        return (
          <span className={styles.cell}>
            <StateCell state={cell.state} label={stateLabel(cell.state)} />
            <span>{cell.duration === null ? '' : duration(cell.duration)}</span>
            {cell.try > 1 && <span className="muted">×{cell.try}</span>}
          </span>
        )
      },
    }
  })
  return [
    {
      id: 'task',
      head: t('task', 'Task'),
      grow: 1,
      min: 140,
      fixed: true,
      sort: (row) => row.id,
      cell: (row) => `${row.id}${row.mapIndex >= 0 ? ` [${row.mapIndex}]` : ''}`,
    },
    ...perRun,
    {
      id: 'delta',
      head: 'Δ',
      title: t('compare.most', 'The largest difference to A'),
      width: 84,
      align: 'end',
      descFirst: true,
      sort: (row) => (row.delta === null ? null : Math.abs(row.delta)),
      cell: (row) => (row.delta === null ? '' : signed(row.delta)),
    },
    {
      id: 'share',
      head: 'Δ %',
      width: 72,
      align: 'end',
      descFirst: true,
      sort: (row) => (row.share === null ? null : Math.abs(row.share)),
      cell: (row) => (row.share === null ? '' : percent(row.share)),
    },
    {
      id: 'bars',
      head: t('compare.bars', 'When, from the start of each run'),
      grow: 1,
      min: 160,
      cell: (row) => <Bars row={row} answer={answer} longest={longest} />,
    },
  ]
}

function Bars({ row, answer, longest }: { row: CompareRow; answer: CompareAnswer; longest: number }) {
  const height = Math.max(3, Math.floor(22 / answer.runs.length) - 1)
  return (
    <span className={styles.bars} aria-hidden="true">
      {row.cells.map((cell, index) => {
        const bar = barOf(cell, answer.runs[index], longest)
        if (bar === null) return null
        const top = index * (height + 1)
        return (
          <span key={index}>
            <i
              className={styles.waited}
              data-run={index}
              style={{
                insetInlineStart: `${100 * (bar.from - bar.waited)}%`,
                width: `${100 * bar.waited}%`,
                top,
                height,
              }}
            />
            <i
              data-run={index}
              style={{ insetInlineStart: `${100 * bar.from}%`, width: `${100 * bar.width}%`, top, height }}
            />
          </span>
        )
      })}
    </span>
  )
}

function percent(share: number): string {
  const whole = Math.round(share * 100)
  return whole === 0 ? '±0' : `${whole > 0 ? '+' : '−'}${Math.abs(whole)} %`
}
