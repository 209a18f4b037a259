/** What ran, what runs and what comes next, of all DAGs on one time axis. */
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { seg } from '../../api/client'
import { useLive } from '../../api/events'
import { useTimeline } from '../../api/queries/dag'
import styles from '../../charts/charts.module.css'
import type { Window } from '../../charts/GanttChart'
import { TimelineChart } from '../../charts/TimelineChart'
import { TimelineTable } from '../../charts/TimelineTable'
import { arrange } from '../../charts/timelineModel'
import { IconButton } from '../../kit/Button'
import { Checkbox, SearchInput, Segmented } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { Page } from '../../kit/Page'
import { Empty, ErrorBox, FilteredEmpty, Skeleton } from '../../kit/Placeholder'
import { StateCell } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
import { useNow, useZone } from '../../kit/Time'
import { useUrlState } from '../../kit/useUrlState'
import { useTimeText } from '../dag/useWords'

const HOURS: Readonly<Record<string, number>> = {
  '1h': 1,
  '6h': 6,
  '12h': 12,
  '24h': 24,
  '3d': 72,
  '7d': 168,
}
const STATE = {
  span: '12h',
  q: '',
  red: false,
  tags: false,
  as_table: false,
  back: 0,
}
/** The server is asked for steps of time, so that a moving "now" is no new question. */
const STEP = 300

/** The window around now: three quarters past, one quarter to come; `back` counts spans into the past. */
export function windowOf(span: string, back: number, now: number): Window {
  const length = (HOURS[span] ?? 12) * 3600
  const to = Math.ceil(now / STEP) * STEP + length / 4 - back * length
  return { from: to - length, to }
}

export default function TimelinePage() {
  const [state, setState] = useUrlState(STATE)
  const [zoomed, setZoomed] = useState<Window | null>(null)
  const navigate = useNavigate()
  const zone = useZone()
  const timeText = useTimeText()
  const now = useNow(10_000) / 1000
  const whole = windowOf(state.span, state.back, now)
  const query = useTimeline(whole.from, whole.to)
  useLive(
    ['dags'],
    () => {},
    () => void query.refetch(),
  )
  const minute = Math.floor(now / 60)
  const options = { text: state.q, redFirst: state.red, byTag: state.tags }
  // Lanes are laid anew each minute, not each tick
  const rows = useMemo(
    () => (query.data ? arrange(query.data, options, now) : []),
    [query.data, state.q, state.red, state.tags, minute],
  )
  const open = (dagId: string, run: string | null) =>
    navigate(run ? `/dags/${seg(dagId)}/runs/${seg(run)}` : `/dags/${seg(dagId)}`)
  const change = (next: Partial<typeof STATE>) => {
    setZoomed(null)
    setState(next)
  }
  return (
    <Page
      fill
      title={t('timeline.title', 'Timeline')}
      toolbar={
        <>
          <SearchInput
            value={state.q}
            onChange={(q) => setState({ q })}
            label={t('timeline.filter', 'Filter DAGs and tags')}
          />
          <Segmented
            label={t('timeline.span', 'Span')}
            value={state.span}
            options={Object.keys(HOURS).map((value) => ({
              value,
              label: value,
            }))}
            onChange={(span) => change({ span, back: 0 })}
          />
          <IconButton
            icon="chevronLeft"
            label={t('timeline.earlier', 'Earlier')}
            onClick={() => change({ back: state.back + 0.5 })}
          />
          <IconButton
            icon="clock"
            label={t('timeline.now', 'Now')}
            pressed={state.back === 0 && zoomed === null}
            onClick={() => change({ back: 0 })}
          />
          <IconButton
            icon="chevronRight"
            label={t('timeline.later', 'Later')}
            onClick={() => change({ back: state.back - 0.5 })}
          />
          <Checkbox
            label={t('timeline.red', 'Failures first')}
            checked={state.red}
            onChange={(event) => setState({ red: event.target.checked })}
          />
          <Checkbox
            label={t('timeline.byTag', 'By tag')}
            checked={state.tags}
            onChange={(event) => setState({ tags: event.target.checked })}
          />
          <Checkbox
            label={t('chart.table', 'As table')}
            checked={state.as_table}
            onChange={(event) => setState({ as_table: event.target.checked })}
          />
        </>
      }
    >
      {query.error && !query.data ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton rows={14} />
      ) : rows.length === 0 ? (
        state.q ? (
          <FilteredEmpty onClear={() => setState({ q: '' })} />
        ) : (
          <Empty title={t('timeline.none', 'No DAG has a run in this span')} icon="clock" />
        )
      ) : state.as_table ? (
        <TimelineTable rows={rows} timeText={timeText} onOpen={open} />
      ) : (
        <div className={styles.chart}>
          <TimelineChart
            label={t(
              'timeline.label',
              'Runs of all DAGs: up and down go through the DAGs, left and right through the runs, Enter opens, plus and minus zoom',
            )}
            rows={rows}
            window={zoomed ?? whole}
            limits={whole}
            zone={zone}
            now={now}
            busy={query.isFetching}
            timeText={timeText}
            onWindow={setZoomed}
            onOpen={open}
          />
          <div className={styles.keys}>
            {['failed', 'running', 'queued', 'success', 'planned'].map((one) => (
              <span key={one}>
                <StateCell state={one} size={12} /> {stateLabel(one)}
              </span>
            ))}
          </div>
        </div>
      )}
    </Page>
  )
}
