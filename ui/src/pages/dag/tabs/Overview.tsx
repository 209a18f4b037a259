/** The DAG at a glance, out of what the matrix knows already: last run, how often it fails, and which tasks fail. */
import { cx } from '../../../kit/cx'
import { useMemo } from 'react'
import { useGrid } from '../../../api/queries/dag'
import { median } from '../../../charts/statistics'
import { codeOf } from '../../../grid/codes'
import { cellCode, type GridModel, runDuration } from '../../../grid/model'
import { number, plural, t } from '../../../kit/i18n'
import { Markdown } from '../../../kit/Markdown'
import { Panel } from '../../../kit/Page'
import { Empty, Skeleton } from '../../../kit/Placeholder'
import { StateBadge, StateStrip } from '../../../kit/StateBadge'
import { LETTER_OF } from '../../../kit/states'
import { Duration, Time, useNow } from '../../../kit/Time'
import { duration } from '../../../kit/time'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'

const FAILED = codeOf('failed')
const UPSTREAM = codeOf('upstream_failed')

interface Trouble {
  readonly task: string
  readonly label: string
  readonly count: number
  readonly lastRun: string
}

/** Tasks that failed in the runs shown, most often first. */
function troubles(model: GridModel, _tick: number): Trouble[] {
  const found: Trouble[] = []
  model.tasks.forEach((task, row) => {
    if (task.group) return
    let count = 0
    let last = -1
    for (let col = 0; col < model.cols; col++) {
      if (cellCode(model, row, col) !== FAILED) continue
      count++
      last = col
    }
    if (last >= 0)
      found.push({
        task: task.id,
        label: task.id,
        count,
        lastRun: model.runs[last]?.id ?? '',
      })
  })
  return found.sort((a, b) => b.count - a.count).slice(0, 12)
}

export default function Overview() {
  const { dagId, head } = useDag()
  const [state] = useMatrixState()
  const grid = useGrid(dagId, state.runs)
  if (!grid.data) return <Skeleton rows={8} />
  return (
    <div className={styles.body}>
      <Cards model={grid.data} />
      <Failing model={grid.data} />
      {(head?.doc_md || head?.description) && (
        <Panel title={t('dag.about', 'About')}>
          <Markdown text={head.doc_md || head.description || ''} />
        </Panel>
      )}
    </div>
  )
}

function Cards({ model }: { model: GridModel }) {
  const { head, openRun } = useDag()
  const now = useNow(10_000) / 1000
  const last = model.runs[model.cols - 1]
  const ended = model.runs.filter((run) => run.state === 'success' || run.state === 'failed')
  const good = ended.filter((run) => run.state === 'success').length
  const lengths = ended.map((run) => runDuration(run, now)).filter((one) => one !== null)
  const strip = model.runs.map((run) => LETTER_OF[run.state] ?? 'n').join('')
  return (
    <dl className={styles.cards}>
      <div className={styles.card}>
        <dt>{t('overview.last', 'Last run')}</dt>
        <dd>
          {last ? (
            <button type="button" className={styles.link} onClick={() => openRun(last.id)}>
              <StateBadge strong state={last.state} />
            </button>
          ) : (
            t('overview.noRun', 'none yet')
          )}
        </dd>
        <dd className={styles.small}>
          {last && (
            <>
              <Time at={last.start ?? last.queued} /> · <Duration start={last.start} end={last.end} />
            </>
          )}
        </dd>
      </div>
      <div className={styles.card}>
        <dt>{t('overview.rate', 'Succeeded')}</dt>
        <dd>{ended.length > 0 ? `${number(Math.round((100 * good) / ended.length))} %` : '–'}</dd>
        <dd className={styles.small}>
          {ended.length > 0
            ? t('overview.of', '{good} of the last {all} that ended', { good, all: ended.length })
            : t('overview.noneEnded', 'no run has ended')}
        </dd>
      </div>
      <div className={styles.card}>
        <dt>{t('overview.median', 'Median duration')}</dt>
        <dd>{lengths.length > 0 ? duration(median(lengths)) : '–'}</dd>
        <dd className={styles.small}>
          {lengths.length > 0 &&
            t('overview.longest', 'longest {d}', {
              d: duration(Math.max(...lengths)),
            })}
        </dd>
      </div>
      <div className={styles.card}>
        <dt>{t('overview.next', 'Next run')}</dt>
        <dd>{head?.paused ? t('overview.paused', 'Paused') : <Time at={head?.next?.at} none="–" />}</dd>
        <dd className={styles.small}>
          {head?.schedule && head.schedule !== 'None' ? head.schedule : t('overview.unscheduled', 'no schedule')}
        </dd>
      </div>
      <div className={cx(styles.card, styles.wideCard)}>
        <dt>{t('overview.strip', 'Last runs')}</dt>
        <dd>
          <StateStrip
            strip={strip}
            durations={model.runs.map((run) => runDuration(run, now))}
            onPick={(index) => model.runs[index] && openRun(model.runs[index].id)}
          />
        </dd>
      </div>
    </dl>
  )
}

function Failing({ model }: { model: GridModel }) {
  const { openTask } = useDag()
  const found = useMemo(() => troubles(model, model.tick), [model])
  const blocked = useMemo(() => model.cells.reduce((sum, code) => sum + (code === UPSTREAM ? 1 : 0), 0), [model])
  return (
    <Panel title={t('overview.failing', 'Tasks that failed in the runs shown')} flush>
      {found.length === 0 ? (
        <Empty title={t('overview.calm', 'No task failed in these runs')} icon="check" />
      ) : (
        <ul className={styles.rows}>
          {found.map((one) => (
            <li key={one.task}>
              <button type="button" className={styles.link} onClick={() => openTask(one.lastRun, one.task)}>
                {one.label}
              </button>
              <span className="muted">{plural(one.count, 'failure', 'failures')}</span>
            </li>
          ))}
          {blocked > 0 && (
            <li>
              <span className="muted">{plural(blocked, 'more was', 'more were')} not run because of these</span>
            </li>
          )}
        </ul>
      )}
    </Panel>
  )
}
