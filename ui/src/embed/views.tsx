/** The frame's views: a list of DAGs, one DAG, one run, one log. */
import { lazy, Suspense, useEffect, useState } from 'react'
import { can, canDag } from '../api/boot'
import { get, patch, seg, ui, v1 } from '../api/client'
import type { RunDetail, TaskDetail, TaskRow } from '../api/queries/drawers'
import { t } from '../kit/i18n'
import { LETTERS, stateOf } from '../kit/states'
import { duration } from '../kit/time'
import type { EmbedOptions, EmbedView } from './address'
import styles from './Embed.module.css'
import type { Parent } from './messages'
import { OpenLink, Problem, State, Strip } from './parts'
import { usePolled } from './usePolled'

const EmbedLog = lazy(() => import('./EmbedLog'))
const EmbedTrigger = lazy(() => import('./EmbedTrigger'))

export type ViewProps<Kind extends EmbedView['kind']> = {
  view: Extract<EmbedView, { kind: Kind }>
  options: EmbedOptions
  parent: Parent
}

type ListRow = { id: string; name?: string; paused: boolean; strip: string; strip_d: (number | null)[]; tags: string[] }

export function ListView({ view, parent }: ViewProps<'list'>) {
  const list = usePolled(
    (signal) => get<{ dags: ListRow[] }>(ui('/dags'), { signal }),
    'dags',
    () => false,
  )
  if (list.data === null) return list.error ? <Problem error={list.error} onRetry={list.refresh} /> : null
  const rows = list.data.dags.filter((row) => view.tag === null || row.tags.includes(view.tag))
  return (
    <>
      <h1 className="visually-hidden">{t('nav.dags', 'DAGs')}</h1>
      <ul className={styles.list}>
        {rows.slice(0, 200).map((row) => (
          <li key={row.id}>
            <State state={LETTERS[row.strip.at(-1) ?? 'n'] ?? null} bare />
            <a
              href={`dags/${seg(row.id)}?${new URLSearchParams(location.search)}`}
              onClick={() => parent.tell({ type: 'tradewind:navigate', url: `dags/${seg(row.id)}` })}
            >
              {row.name ?? row.id}
            </a>
            {row.paused && <span className={styles.muted}>{t('embed.paused', 'paused')}</span>}
            <span className={styles.spacer} />
            <Strip
              runs={[...row.strip].map((letter, index) => ({
                id: String(index),
                state: LETTERS[letter] ?? null,
                seconds: row.strip_d[index] ?? null,
              }))}
            />
          </li>
        ))}
        {rows.length === 0 && <li className={styles.muted}>{t('embed.noDags', 'No DAG has this tag')}</li>}
      </ul>
    </>
  )
}

type Head = { dag_id: string; name: string; paused: boolean; schedule: string | null }
type LastRun = { dag_run_id: string; state: string | null; start_date: string | null; end_date: string | null }

export function DagView({ view, options, parent }: ViewProps<'dag'>) {
  const { dagId } = view
  const [form, setForm] = useState(false)
  const head = usePolled(
    async (signal) => {
      const [dag, runs] = await Promise.all([
        get<Head>(ui(`/dags/${seg(dagId)}`), { signal }),
        get<{ dag_runs: LastRun[] }>(v1(`/dags/${seg(dagId)}/dagRuns`), {
          query: { limit: 20, order_by: '-execution_date' },
          signal,
        }),
      ])
      return { dag, runs: runs.dag_runs }
    },
    dagId,
    ({ runs }) => runs.some((run) => isGoing(run.state)),
  )
  const latest = head.data?.runs.find((run) => isGoing(run.state)) ?? head.data?.runs[0]
  if (head.data === null) return head.error ? <Problem error={head.error} onRetry={head.refresh} /> : null
  const { dag, runs } = head.data
  const mayTrigger = canDag('can_edit', dagId) && can('can_create', 'DAG Runs') && !options.hidden.has('trigger')
  const pause = () => void patch(v1(`/dags/${seg(dagId)}`), { is_paused: !dag.paused }).then(head.refresh, head.refresh)
  return (
    <>
      <header className={styles.head}>
        <h1>{dag.name}</h1>
        {canDag('can_edit', dagId) && !options.hidden.has('pause') ? (
          <button type="button" className={styles.button} role="switch" aria-checked={!dag.paused} onClick={pause}>
            {dag.paused ? t('embed.pausedNow', 'Paused') : t('embed.active', 'Active')}
          </button>
        ) : (
          dag.paused && <span className={styles.muted}>{t('embed.pausedNow', 'Paused')}</span>
        )}
        <Strip
          runs={[...runs].reverse().map((run) => ({ id: run.dag_run_id, state: run.state, seconds: secondsOf(run) }))}
        />
        <span className={styles.spacer} />
        {mayTrigger && (
          <button type="button" className={styles.primary} aria-expanded={form} onClick={() => setForm(!form)}>
            ▷ {t('trigger.go', 'Trigger')}
          </button>
        )}
        <OpenLink path={`/dags/${seg(dagId)}`} />
      </header>
      {form && (
        <Suspense fallback={<p className={styles.muted}>{t('loading', 'Loading')}</p>}>
          <EmbedTrigger
            dagId={dagId}
            conf={options.conf}
            locked={options.locked}
            onClose={() => setForm(false)}
            onDone={(runId) => {
              setForm(false)
              parent.tell({ type: 'tradewind:triggered', dag_id: dagId, run_id: runId })
              head.refresh()
            }}
          />
        </Suspense>
      )}
      {latest !== undefined && (
        <RunSummary dagId={dagId} runId={latest.dag_run_id} parent={parent} key={latest.dag_run_id} />
      )}
      {latest === undefined && <p className={styles.muted}>{t('embed.noRuns', 'It has not run yet')}</p>}
    </>
  )
}

const isGoing = (state: string | null) => state === 'running' || state === 'queued'
const DONE: ReadonlySet<string> = new Set(['success', 'failed', 'skipped', 'upstream_failed', 'removed'])

function secondsOf(run: LastRun): number | null {
  if (run.start_date === null || run.end_date === null) return null
  return (Date.parse(run.end_date) - Date.parse(run.start_date)) / 1000
}

function useRun(dagId: string, runId: string, parent: Parent) {
  const run = usePolled(
    (signal) => get<RunDetail>(ui(`/dags/${seg(dagId)}/runs/${seg(runId)}`), { signal }),
    `${dagId} ${runId}`,
    (data) => isGoing(data.run.state),
  )
  const state = run.data?.run.state
  useEffect(() => {
    if (state !== undefined) parent.tell({ type: 'tradewind:run', dag_id: dagId, run_id: runId, state })
  }, [dagId, runId, state, parent])
  return run
}

function RunSummary({ dagId, runId, parent }: { dagId: string; runId: string; parent: Parent }) {
  const run = useRun(dagId, runId, parent)
  if (run.data === null) return run.error ? <Problem error={run.error} onRetry={run.refresh} /> : null
  const failed = run.data.tasks.filter((task) => stateOf(task.state) === 'failed').slice(0, 3)
  return (
    <section>
      <RunHead detail={run.data} />
      {failed.map((task) => (
        <FailedTask key={`${task.id} ${task.map_index}`} dagId={dagId} runId={runId} task={task} />
      ))}
    </section>
  )
}

/** `isTitle`: the run is what the frame is about. */
function RunHead({ detail, isTitle }: { detail: RunDetail; isTitle?: boolean }) {
  const Name = isTitle ? 'h1' : 'span'
  const { run, states, total } = detail
  const done = Object.entries(states).reduce((sum, [state, count]) => sum + (DONE.has(state) ? count : 0), 0)
  const seconds = run.start === null ? null : (run.end ?? Date.now() / 1000) - run.start
  return (
    <p className={styles.run}>
      <State state={run.state} />
      <Name className={styles.name}>{run.run_id}</Name>
      <progress value={done} max={Math.max(1, total)} aria-label={t('embed.progress', 'Tasks that have ended')} />
      <span className={styles.muted}>
        {done}/{total}
        {seconds !== null && ` · ${duration(seconds)}`}
      </span>
      <OpenLink path={`/dags/${seg(run.dag_id)}/runs/${seg(run.run_id)}`} />
    </p>
  )
}

const nameOf = (task: TaskRow) => `${task.id}${task.map_index >= 0 ? ` [${task.map_index}]` : ''}`

function FailedTask({ dagId, runId, task }: { dagId: string; runId: string; task: TaskRow }) {
  const path = `/dags/${seg(dagId)}/runs/${seg(runId)}/tasks/${seg(task.id)}`
  const detail = usePolled(
    (signal) => get<TaskDetail>(ui(path), { query: { map_index: task.map_index }, signal }),
    `${path} ${task.map_index} ${task.try}`,
    () => false,
  )
  const error = detail.data?.tries.findLast((one) => one.error !== null)?.error
  return (
    <p className={styles.failed}>
      <State state="failed" bare />
      <OpenLink path={`${path}${task.map_index >= 0 ? `/mapped/${task.map_index}` : ''}/log`}>{nameOf(task)}</OpenLink>
      {error && <span className={styles.error}>{error}</span>}
    </p>
  )
}

export function RunView({ view, options, parent }: ViewProps<'run'>) {
  const run = useRun(view.dagId, view.runId, parent)
  const [open, setOpen] = useState<string | null>(null)
  if (run.data === null) return run.error ? <Problem error={run.error} onRetry={run.refresh} /> : null
  const chosen = run.data.tasks.find((task) => nameOf(task) === open)
  return (
    <>
      <RunHead detail={run.data} isTitle />
      <ul className={styles.list}>
        {run.data.tasks.map((task) => (
          <li key={nameOf(task)}>
            <State state={task.state} bare />
            {options.hidden.has('log') || task.try === 0 ? (
              <span>{nameOf(task)}</span>
            ) : (
              <button
                type="button"
                className={styles.link}
                aria-expanded={nameOf(task) === open}
                onClick={() => setOpen(nameOf(task) === open ? null : nameOf(task))}
              >
                {nameOf(task)}
              </button>
            )}
            <span className={styles.spacer} />
            <span className={styles.muted}>
              {task.start === null ? '' : duration((task.end ?? Date.now() / 1000) - task.start)}
            </span>
          </li>
        ))}
      </ul>
      {chosen !== undefined && (
        <Log dagId={view.dagId} runId={view.runId} task={chosen} key={`${nameOf(chosen)} ${chosen.try}`} />
      )}
    </>
  )
}

function Log({ dagId, runId, task }: { dagId: string; runId: string; task: TaskRow }) {
  return (
    <div className={styles.log}>
      <Suspense fallback={null}>
        <EmbedLog
          source={{ kind: 'task', dagId, runId, taskId: task.id, mapIndex: task.map_index, tryNumber: task.try }}
          state={task.state}
        />
      </Suspense>
    </div>
  )
}

export function TaskView({ view, options }: ViewProps<'task'>) {
  const path = `/dags/${seg(view.dagId)}/runs/${seg(view.runId)}/tasks/${seg(view.taskId)}`
  const detail = usePolled(
    (signal) => get<TaskDetail>(ui(path), { query: { map_index: view.mapIndex }, signal }),
    `${path} ${view.mapIndex}`,
    (data) => data.ti?.state === 'running' || data.ti?.state === 'queued',
  )
  if (detail.data === null) return detail.error ? <Problem error={detail.error} onRetry={detail.refresh} /> : null
  const { ti } = detail.data
  if (ti === null || ti.try === 0 || options.hidden.has('log')) {
    return (
      <p className={styles.run}>
        <State state={ti?.state ?? null} />
        <h1 className={styles.name}>{view.taskId}</h1>
        <OpenLink path={path} />
      </p>
    )
  }
  return (
    <div className={styles.fill}>
      <p className={styles.run}>
        <State state={ti.state} />
        <h1 className={styles.name}>{view.taskId}</h1>
        <OpenLink path={`${path}${view.mapIndex >= 0 ? `/mapped/${view.mapIndex}` : ''}/log`} />
      </p>
      <Log
        dagId={view.dagId}
        runId={view.runId}
        task={{ id: view.taskId, map_index: view.mapIndex, state: ti.state, start: null, end: null, try: ti.try }}
      />
    </div>
  )
}
