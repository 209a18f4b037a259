/** How long runs and tasks took: waiting and running, median and high end, and how late after its interval a run landed. */
import { useMemo } from 'react'
import { serverNow } from '../../../api/boot'
import { useDurations, useGrid } from '../../../api/queries/dag'
import styles from '../../../charts/charts.module.css'
import { DurationChart } from '../../../charts/DurationChart'
import { type Chart, landingBars, runBars, taskBars } from '../../../charts/durationsModel'
import { Chip } from '../../../kit/Chip'
import { Checkbox, Segmented, Select } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Panel } from '../../../kit/Page'
import { Empty, ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { StateBadge, StateCell } from '../../../kit/StateBadge'
import { duration } from '../../../kit/time'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import page from '../dag.module.css'
import { useMatrixState } from '../matrixState'
import { useTimeText } from '../useWords'

const STATE = {
  dur_runs: 50,
  dur_task: [] as readonly string[],
  dur: 'runs',
  as_table: false,
}
const MOST_TASKS = 6

export default function Durations() {
  const { dagId } = useDag()
  const [state, setState] = useUrlState(STATE)
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const query = useDurations(dagId, state.dur_runs, state.dur_task)
  const names = grid.data?.tasks.filter((task) => !task.group).map((task) => task.id) ?? []
  const free = names.filter((name) => !state.dur_task.includes(name))
  return (
    <div className={page.body}>
      <div className={page.tools}>
        <Segmented
          label={t('durations.of', 'Durations of')}
          value={state.dur}
          options={[
            { value: 'runs', label: t('durations.runs', 'Duration') },
            {
              value: 'landing',
              label: t('durations.landing', 'Landing time'),
              title: t('durations.landingTitle', 'From the end of the data interval to the end of the run'),
            },
          ]}
          onChange={(dur) => setState({ dur })}
        />
        <Select
          aria-label={t('durations.count', 'Runs')}
          value={String(state.dur_runs)}
          options={[25, 50, 100, 365].map((count) => ({
            value: String(count),
            label: t('grid.runCount', '{n} runs', { n: count }),
          }))}
          onChange={(value) => setState({ dur_runs: Number(value) })}
        />
        <Select
          aria-label={t('durations.task', 'Add a task')}
          value=""
          disabled={state.dur_task.length >= MOST_TASKS}
          options={[{ value: '', label: t('durations.add', 'Add a task') }, ...free.slice(0, 800)]}
          onChange={(task) => task && setState({ dur_task: [...state.dur_task, task] })}
        />
        {state.dur_task.map((task) => (
          <Chip
            key={task}
            onRemove={() =>
              setState({
                dur_task: state.dur_task.filter((one) => one !== task),
              })
            }
          >
            {task}
          </Chip>
        ))}
        <span className={page.spring} />
        <Checkbox
          label={t('chart.table', 'As table')}
          checked={state.as_table}
          onChange={(event) => setState({ as_table: event.target.checked })}
        />
      </div>
      {query.error && !query.data ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton rows={8} />
      ) : query.data.runs.length === 0 ? (
        <Empty title={t('durations.none', 'No run to measure yet')} icon="clock" />
      ) : (
        <Charts
          answer={query.data}
          tasks={state.dur_task}
          isLanding={state.dur === 'landing'}
          isTable={state.as_table}
        />
      )}
    </div>
  )
}

interface ChartsProps {
  readonly answer: Parameters<typeof runBars>[0]
  readonly tasks: readonly string[]
  readonly isLanding: boolean
  readonly isTable: boolean
}

function Charts({ answer, tasks, isLanding, isTable }: ChartsProps) {
  const { openRun, openTask } = useDag()
  const timeText = useTimeText()
  const runs = useMemo(
    () => (isLanding ? landingBars(answer) : runBars(answer, serverNow() / 1000)),
    [answer, isLanding],
  )
  const each = useMemo(() => tasks.map((task) => [task, taskBars(answer, task)] as const), [answer, tasks])
  const title = isLanding ? t('durations.landing', 'Landing time') : t('durations.ofRuns', 'Runs')
  if (isTable) return <DurationTable runs={runs} each={each} timeText={timeText} />
  return (
    <>
      <Panel title={title} actions={<Key isStacked={!isLanding} />}>
        <DurationChart
          label={t('durations.label', '{title} by run: left and right go through the runs, Enter opens one', { title })}
          chart={runs}
          height={tasks.length > 0 ? 220 : 320}
          timeText={timeText}
          onOpen={openRun}
        />
      </Panel>
      {each.map(([task, chart]) => (
        <Panel key={task} title={task}>
          <DurationChart
            label={t('durations.taskLabel', 'Durations of {task} by run', {
              task,
            })}
            chart={chart}
            height={180}
            timeText={timeText}
            onOpen={(run) => openTask(run, task)}
          />
        </Panel>
      ))}
    </>
  )
}

function Key({ isStacked }: { isStacked: boolean }) {
  return (
    <span className={styles.keys}>
      {isStacked && (
        <span>
          <StateCell state="queued" size={12} /> {t('durations.queued', 'queued')}
        </span>
      )}
      <span>{t('durations.brush', 'Drag to zoom, double click for all')}</span>
    </span>
  )
}

function DurationTable({
  runs,
  each,
  timeText,
}: {
  runs: Chart
  each: readonly (readonly [string, Chart])[]
  timeText(at: number): string
}) {
  return (
    <div className={styles.tableBox}>
      <p className="muted">
        {t('durations.summary', 'Median {m}, 95 % under {p}', {
          m: duration(runs.median) || '–',
          p: duration(runs.p95) || '–',
        })}
      </p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('run.pick', 'Run')}</th>
            <th scope="col">{t('gantt.state', 'State')}</th>
            <th scope="col" className={styles.num}>
              {t('durations.queuedHead', 'Queued')}
            </th>
            <th scope="col" className={styles.num}>
              {t('durations.took', 'Took')}
            </th>
            {each.map(([task]) => (
              <th key={task} scope="col" className={styles.num}>
                {task}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.bars
            .map((bar, at) => ({ bar, at }))
            .reverse()
            .slice(0, 120)
            .map(({ bar, at }) => (
              <tr key={bar.run}>
                <th scope="row">{timeText(bar.at)}</th>
                <td>
                  <StateBadge state={bar.state} />
                </td>
                <td className={styles.num}>{duration(bar.queue)}</td>
                <td className={styles.num}>{duration(bar.duration)}</td>
                {each.map(([task, chart]) => (
                  <td key={task} className={styles.num}>
                    {duration(chart.bars[at]?.duration)}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}
