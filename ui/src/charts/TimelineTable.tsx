/** The timeline as a table: a row a run, newest first. */
import { t } from '../kit/i18n'
import { StateBadge } from '../kit/StateBadge'
import { duration } from '../kit/time'
import styles from './charts.module.css'
import type { Lane, LaneHead } from './timelineModel'

const MOST = 150

export interface TimelineTableProps {
  readonly rows: readonly (Lane | LaneHead)[]
  timeText(at: number): string
  onOpen(dagId: string, run: string): void
}

export function TimelineTable({ rows, timeText, onOpen }: TimelineTableProps) {
  const lanes = new Map(rows.flatMap((row) => (row.kind === 'lane' ? [[row.dagId, row] as const] : [])))
  const runs = [...lanes.values()]
    .flatMap((lane) => lane.runs.map((run) => ({ dagId: lane.dagId, ...run })))
    .sort((a, b) => b.from - a.from)
  return (
    <div className={styles.tableBox}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">DAG</th>
            <th scope="col">{t('gantt.state', 'State')}</th>
            <th scope="col">{t('run.pick', 'Run')}</th>
            <th scope="col">{t('timeline.started', 'Started')}</th>
            <th scope="col" className={styles.num}>
              {t('durations.took', 'Took')}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.slice(0, MOST).map((run) => (
            <tr key={`${run.dagId} ${run.id}`}>
              <th scope="row">{run.dagId}</th>
              <td>
                <StateBadge state={run.state} />
              </td>
              <td>
                <button type="button" className={styles.link} onClick={() => onOpen(run.dagId, run.id)}>
                  {run.id}
                </button>
              </td>
              <td>{timeText(run.from)}</td>
              <td className={styles.num}>{duration(run.to - run.from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {runs.length > MOST && (
        <p className="muted">
          {t('chart.first', 'The first {n} of {all}', {
            n: MOST,
            all: runs.length,
          })}
        </p>
      )}
    </div>
  )
}
