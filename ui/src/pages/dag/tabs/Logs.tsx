/** The logs of a few task instances beside each other. */
import { lazy, Suspense } from 'react'
import { useSearchParams } from 'react-router'
import { useGrid } from '../../../api/queries/dag'
import { stateOf } from '../../../grid/codes'
import { t } from '../../../kit/i18n'
import { Empty, Skeleton } from '../../../kit/Placeholder'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'

const LogViewer = lazy(async () => ({
  default: (await import('../../../logs/LogViewer')).LogViewer,
}))
const MOST = 4

function cellsOf(params: URLSearchParams): [run: string, task: string][] {
  return params.getAll('cell').flatMap((text) => {
    try {
      const cell: unknown = JSON.parse(text)
      return Array.isArray(cell) && cell.length === 2 && cell.every((one) => typeof one === 'string')
        ? [cell as [string, string]]
        : []
    } catch {
      // A link that was cut short: what can be read is shown.
      return []
    }
  })
}

export default function Logs() {
  const { dagId } = useDag()
  const [params] = useSearchParams()
  const [matrix] = useMatrixState()
  const model = useGrid(dagId, matrix.runs).data
  const cells = cellsOf(params).slice(0, MOST)
  const at = (run: string, task: string) =>
    (model?.rowOf.get(task) ?? 0) * (model?.cols ?? 0) + (model?.colOf.get(run) ?? 0)
  const tryOf = (run: string, task: string) => model?.tries.get(at(run, task)) ?? 1
  const stateIn = (run: string, task: string) => stateOf(model?.cells[at(run, task)] ?? 0) ?? null
  if (!model) return <Skeleton rows={10} />
  if (cells.length === 0)
    return <Empty title={t('logs.none', 'Select up to four cells of the matrix to read their logs')} icon="log" />
  return (
    <div className={styles.logs}>
      {cells.map(([run, task]) => (
        <section key={`${run} ${task}`} className={styles.log} aria-label={`${task}, ${run}`}>
          <h2 className="truncate" title={run}>
            {task} <span className="muted">{run}</span>
          </h2>
          <Suspense fallback={<Skeleton rows={10} />}>
            <LogViewer
              source={{
                kind: 'task',
                dagId,
                runId: run,
                taskId: task,
                mapIndex: -1,
                tryNumber: tryOf(run, task),
              }}
              state={stateIn(run, task)}
              label={task}
            />
          </Suspense>
        </section>
      ))}
    </div>
  )
}
