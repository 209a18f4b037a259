/** The gantt as a table. */
import { t } from '../kit/i18n'
import { StateBadge } from '../kit/StateBadge'
import { duration } from '../kit/time'
import styles from './charts.module.css'
import type { GanttLane, Part } from './ganttModel'

/** Rows that are shown; a table of thousands would be slow and nobody reads it. */
const MOST = 120

export function GanttTable({ lanes, timeText }: { lanes: readonly GanttLane[]; timeText(at: number): string }) {
  const rows = lanes.filter((lane) => !lane.isGroup)
  return (
    <div className={styles.tableBox}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('gantt.task', 'Task')}</th>
            <th scope="col">{t('gantt.state', 'State')}</th>
            <th scope="col">{t('gantt.from', 'From')}</th>
            <th scope="col">{t('gantt.to', 'To')}</th>
            <th scope="col" className={styles.num}>
              {t('gantt.waited', 'Waited')}
            </th>
            <th scope="col" className={styles.num}>
              {t('gantt.ranFor', 'Ran')}
            </th>
            <th scope="col" className={styles.num}>
              {t('gantt.tries', 'Tries')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((lane) => (
            <tr key={lane.id}>
              <th scope="row">{lane.id}</th>
              <td>
                <StateBadge state={lane.state} />
              </td>
              <td>{lane.from === null ? '–' : timeText(lane.from)}</td>
              <td>{lane.to === null ? '–' : timeText(lane.to)}</td>
              <td className={styles.num}>{duration(sum(lane, (part) => part.kind !== 'run'))}</td>
              <td className={styles.num}>{duration(sum(lane, (part) => part.kind === 'run'))}</td>
              <td className={styles.num}>{Math.max(0, ...lane.parts.map((part) => part.tryNumber))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST && (
        <p className="muted">
          {t('chart.first', 'The first {n} of {all}', {
            n: MOST,
            all: rows.length,
          })}
        </p>
      )}
    </div>
  )
}

function sum(lane: GanttLane, wanted: (part: Part) => boolean): number {
  return lane.parts.filter(wanted).reduce((all, part) => all + part.to - part.from, 0)
}
