/** The DAG's runs by day, of a year or a month; planned ones too. Dragging over days begins a backfill. */
import { useMemo } from 'react'
import { serverNow } from '../../../api/boot'
import { useCalendar } from '../../../api/queries/dag'
import { CalendarChart } from '../../../charts/CalendarChart'
import { type CalendarAnswer, monthCells, period, step, yearCells } from '../../../charts/calendarModel'
import styles from '../../../charts/charts.module.css'
import { IconButton } from '../../../kit/Button'
import { Checkbox, Segmented } from '../../../kit/Field'
import { cx } from '../../../kit/cx'
import { t } from '../../../kit/i18n'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { StateCell, StateCounts } from '../../../kit/StateBadge'
import { useZone } from '../../../kit/Time'
import { dateOnly } from '../../../kit/time'
import { stateLabel } from '../../../kit/states'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import page from '../dag.module.css'
import { useNarrow } from '../Split'

const STATE = { period: '', as_table: false }
const NOTHING: CalendarAnswer = { days: [], planned: [] }

export default function Calendar() {
  const { dagId, openTab, ask, may } = useDag()
  const isNarrow = useNarrow()
  const zone = useZone()
  const today = dateOnly(serverNow(), zone)
  const [state, setState] = useUrlState(STATE)
  const shown = state.period || today.slice(0, isNarrow ? 7 : 4)
  const isYear = shown.length === 4
  const { from, to } = period(shown)
  const query = useCalendar(dagId, from, to)
  const cells = useMemo(
    () => (isYear ? yearCells : monthCells)(shown, query.data ?? NOTHING),
    [isYear, shown, query.data],
  )
  if (query.error && !query.data) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
  const openDay = (date: string) => openTab('runs', `on=${date}`)
  return (
    <div className={page.body}>
      <div className={page.tools}>
        <Segmented
          label={t('calendar.period', 'Period')}
          value={isYear ? 'year' : 'month'}
          options={[
            { value: 'year', label: t('calendar.year', 'Year') },
            { value: 'month', label: t('calendar.month', 'Month') },
          ]}
          onChange={(value) =>
            setState({
              period: value === 'year' ? shown.slice(0, 4) : monthOf(shown, today),
            })
          }
        />
        <IconButton
          icon="chevronLeft"
          label={t('calendar.before', 'Before')}
          onClick={() => setState({ period: step(shown, -1) })}
        />
        <strong className={styles.title}>{shown}</strong>
        <IconButton
          icon="chevronRight"
          label={t('calendar.after', 'After')}
          onClick={() => setState({ period: step(shown, 1) })}
        />
        <span className={page.spring} />
        <Checkbox
          label={t('chart.table', 'As table')}
          checked={state.as_table}
          onChange={(event) => setState({ as_table: event.target.checked })}
        />
      </div>
      {!query.data ? (
        <Skeleton rows={8} />
      ) : state.as_table ? (
        <div className={styles.tableBox}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('calendar.day', 'Day')}</th>
                <th scope="col">{t('calendar.runs', 'Runs')}</th>
                <th scope="col" className={styles.num}>
                  {t('calendar.planned', 'Planned')}
                </th>
              </tr>
            </thead>
            <tbody>
              {cells
                .filter((cell) => cell.total > 0 || cell.planned > 0)
                .slice(0, 120)
                .map((cell) => (
                  <tr key={cell.date}>
                    <th scope="row">
                      <button type="button" className={page.link} onClick={() => openDay(cell.date)}>
                        {cell.date}
                      </button>
                    </th>
                    <td>
                      <StateCounts counts={cell.counts} />
                    </td>
                    <td className={styles.num}>{cell.planned || ''}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div className={cx(styles.chart, styles.days)}>
          <CalendarChart
            label={t(
              'calendar.label',
              'Runs by day in {period}: arrows move, Enter shows the runs, shift and arrows choose days, b backfills them',
              { period: shown },
            )}
            isYear={isYear}
            cells={cells}
            today={today}
            onDay={openDay}
            onRange={may('t') ? (first, last) => ask({ kind: 'backfill', from: first, to: last }) : null}
          />
          <div className={styles.keys}>
            {['failed', 'running', 'success'].map((one) => (
              <span key={one}>
                <StateCell state={one} size={12} /> {stateLabel(one)}
              </span>
            ))}
            <span>
              <StateCell state="planned" size={12} /> {t('calendar.hatched', 'Planned (hatched)')}
            </span>
            {may('t') && <span>{t('calendar.drag', 'Drag over days to backfill them')}</span>}
          </div>
        </div>
      )}
    </div>
  )
}

/** The month to show when a year was shown: this one if it is in that year. */
function monthOf(shown: string, today: string): string {
  if (shown.length === 7) return shown
  return today.startsWith(shown) ? today.slice(0, 7) : `${shown}-01`
}
