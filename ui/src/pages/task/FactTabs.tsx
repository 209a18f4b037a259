/** What is known of a task instance: its fields, what its templates became, asset events, links. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { get, seg, v1 } from '../../api/client'
import {
  type AssetEvent,
  renderedQuery,
  runQuery,
  type TaskDetail,
  type TaskFields,
  type TaskStatic,
} from '../../api/queries/drawers'
import { diffLines, withContext } from '../../forms/diff'
import type { Json } from '../../forms/fields'
import { Button } from '../../kit/Button'
import { Select } from '../../kit/Field'
import { plural, t } from '../../kit/i18n'
import { JsonTree } from '../../kit/JsonTree'
import { Markdown } from '../../kit/Markdown'
import { Facts, Panel } from '../../kit/Page'
import { Empty, ErrorBox, Skeleton } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { Duration, Time } from '../../kit/Time'
import { duration } from '../../kit/time'
import type { TaskPlace } from './place'
import { taskUrl } from './place'
import styles from './Task.module.css'
import { TextDiff } from './TextDiff'

export function DetailsTab({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const { ti, task, note } = detail
  return (
    <div className={styles.stack}>
      {note && (
        <Panel title={t('note', 'Note')}>
          <p className={styles.note}>{note}</p>
        </Panel>
      )}
      {task?.doc_md && <Markdown text={task.doc_md} />}
      {ti !== null && <InstanceFacts ti={ti} />}
      {detail.tries.length > 0 && <Tries place={place} detail={detail} />}
      {task !== null && <TaskFacts place={place} task={task} />}
    </div>
  )
}

function InstanceFacts({ ti }: { ti: TaskFields }) {
  const at = (value: string | null | undefined) => (value ? <Time at={value} mode="absolute" /> : null)
  const when = (name: string, value: string | null | undefined) => (value ? ([name, at(value)] as const) : null)
  const text = (name: string, value: string | number | null | undefined) =>
    value == null ? null : ([name, value] as const)
  return (
    <Facts
      facts={[
        [t('state', 'State'), <StateBadge key="s" state={ti.state} />],
        [t('task.operator', 'Operator'), ti.custom_operator_name ?? ti.operator],
        [t('task.try', 'Try'), `${ti.try} of ${Math.max(ti.try, ti.max_tries)}`],
        [t('queued', 'Queued'), at(ti.queued)],
        [t('start', 'Start'), at(ti.start)],
        [t('end', 'End'), at(ti.end)],
        [t('took', 'Took'), ti.start === null ? null : <Duration key="d" start={ti.start} end={ti.end} />],
        when(t('task.wake', 'Runs again at'), ti.wake_at),
        [t('run.logical', 'Logical date'), at(ti.logical_date)],
        [t('task.host', 'Host'), ti.hostname || null],
        text(t('task.pid', 'Process'), ti.pid),
        text(t('task.user', 'User'), ti.unixname),
        [t('task.pool', 'Pool'), `${ti.pool ?? ''} · ${plural(ti.pool_slots ?? 1, 'slot', 'slots')}`],
        text(t('task.queue', 'Queue'), ti.queue),
        text(t('task.priority', 'Priority weight'), ti.priority_weight),
        text(t('task.executor', 'Executor'), ti.executor),
        text(t('task.external', 'Id at the executor'), ti.external_executor_id),
        text(t('task.next', 'Resumes at'), ti.next_method),
        ti.trigger != null && [
          t('task.trigger', 'Waits for'),
          <span key="t">
            {ti.trigger.classpath} {ti.trigger.triggerer && <span className="muted">at {ti.trigger.triggerer}</span>}
            <JsonTree value={ti.trigger.kwargs} open={1} noCopy />
          </span>,
        ],
        when(t('task.timeout', 'Waits until'), ti.trigger_timeout),
      ]}
    />
  )
}

function Tries({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  return (
    <Panel title={t('task.tries', 'Tries')} flush>
      <div className={styles.scrolled}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('task.try', 'Try')}</th>
              <th scope="col">{t('state', 'State')}</th>
              <th scope="col">{t('start', 'Start')}</th>
              <th scope="col">{t('took', 'Took')}</th>
              <th scope="col">{t('host', 'Host')}</th>
              <th scope="col">{t('error', 'Error')}</th>
            </tr>
          </thead>
          <tbody>
            {[...detail.tries].reverse().map((one) => (
              <tr key={one.try}>
                <td>
                  <Link to={`${taskUrl(place, 'log')}?try=${one.try}`}>{one.try}</Link>
                </td>
                <td>
                  <StateBadge state={one.state} />
                </td>
                <td>
                  <Time at={one.start} mode="short" />
                </td>
                <td>{one.start === null ? '–' : <Duration start={one.start} end={one.end} />}</td>
                <td className="muted">{one.hostname}</td>
                <td className={styles.extra} title={one.error ?? undefined}>
                  {one.error}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function TaskFacts({ place, task }: { place: TaskPlace; task: TaskStatic }) {
  const links = (ids: readonly string[]) =>
    ids.length === 0 ? null : (
      <span className={styles.ids}>
        {ids.map((id) => (
          <Link key={id} to={taskUrl({ ...place, taskId: id, mapIndex: -1 })}>
            {id}
          </Link>
        ))}
      </span>
    )
  return (
    <Panel title={t('task.static', 'In the DAG file')}>
      <Facts
        facts={[
          [t('task.rule', 'Trigger rule'), task.trigger_rule],
          [t('task.upstream', 'Upstream'), links(task.upstream)],
          [t('task.downstream', 'Downstream'), links(task.downstream)],
          [t('task.owner', 'Owner'), task.owner],
          [
            t('task.retries', 'Retries'),
            task.retries === 0 ? '0' : `${task.retries}, ${duration(task.retry_delay)} ${t('task.apart', 'apart')}`,
          ],
          task.execution_timeout !== null && [t('task.limit', 'Time limit'), duration(task.execution_timeout)],
          task.group !== null && [t('task.group', 'Group'), task.group],
          task.depends_on_past && [t('task.past', 'Depends on past'), t('yes', 'yes')],
          task.wait_for_downstream && [t('task.waits', 'Waits for downstream'), t('yes', 'yes')],
          (task.setup || task.teardown) && [t('task.kind', 'Kind'), task.setup ? 'setup' : 'teardown'],
        ]}
      />
    </Panel>
  )
}

/** Secrets were masked by the server. */
export function RenderedTab({ place, rendered }: { place: TaskPlace; rendered: Record<string, string> }) {
  const [other, setOther] = useState<string | null>(null)
  const runs = useQuery({
    queryKey: ['dag_runs', place.dagId, 'recent'],
    enabled: other !== null,
    queryFn: ({ signal }) =>
      get<{ dag_runs: { dag_run_id: string }[] }>(v1(`/dags/${seg(place.dagId)}/dagRuns`), {
        query: { limit: 25, order_by: '-execution_date' },
        signal,
      }),
  })
  const theirs = useQuery({
    ...renderedQuery(place.dagId, other ?? '', place.taskId, place.mapIndex),
    enabled: other !== null && other !== '',
  })
  const options = (runs.data?.dag_runs ?? []).filter((run) => run.dag_run_id !== place.runId)
  return (
    <div className={styles.stack}>
      <div className={styles.tools}>
        {other === null ? (
          <Button size="sm" icon="compare" onClick={() => setOther('')}>
            {t('rendered.compare', 'Compare with another run')}
          </Button>
        ) : (
          <Select
            aria-label={t('rendered.other', 'The other run')}
            value={other}
            options={[
              { value: '', label: t('rendered.pick', 'Choose a run') },
              ...options.map((run) => run.dag_run_id),
            ]}
            onChange={setOther}
          />
        )}
      </div>
      {theirs.isError && <ErrorBox error={theirs.error} />}
      {Object.entries(rendered).map(([name, text]) => (
        <Panel key={name} title={name} flush>
          {other !== null && theirs.data !== undefined ? (
            <TextDiff lines={withContext(diffLines(theirs.data.rendered[name] ?? '', asText(text)))} />
          ) : (
            <pre className={styles.code}>{asText(text)}</pre>
          )}
        </Panel>
      ))}
    </div>
  )
}

export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** What this task made, and what led to its run: as the run's answer has it. */
export function TaskAssets({ place }: { place: TaskPlace }) {
  const run = useQuery(runQuery(place.dagId, place.runId))
  if (run.isError) return <ErrorBox error={run.error} onRetry={() => void run.refetch()} />
  if (run.data === undefined) return <Skeleton rows={4} />
  const mine = run.data.asset_events.filter((event) => event.direction === 'in' || event.task_id === place.taskId)
  if (mine.length === 0) {
    return (
      <Empty title={t('asset.none', 'No dataset events')} icon="asset">
        {t('asset.noneHint', 'The task has no dataset as an outlet, or has not succeeded yet.')}
      </Empty>
    )
  }
  return <AssetEvents events={mine} />
}

export function AssetEvents({ events }: { events: readonly AssetEvent[] }) {
  return (
    <ul className={styles.stack}>
      {events.map((event) => (
        <li key={`${event.direction}${event.id}`} className={styles.event}>
          <span className="muted">{event.direction === 'in' ? t('asset.in', 'Read') : t('asset.out', 'Wrote')}</span>{' '}
          <Link to={`/assets?q=${seg(event.uri)}`}>{event.uri}</Link> <Time at={event.at} />
          {event.direction === 'in' && event.dag_id !== null && event.run_id !== null && (
            <p>
              {t('asset.by', 'by')}{' '}
              <Link to={`/dags/${seg(event.dag_id)}/runs/${seg(event.run_id)}`}>
                {event.dag_id} · {event.task_id}
              </Link>
            </p>
          )}
          {Object.keys(event.extra).length > 0 && <JsonTree value={event.extra} open={0} />}
        </li>
      ))}
    </ul>
  )
}

export function LinksTab({ links }: { links: Record<string, string | null> }) {
  const safe = Object.entries(links).filter(([, url]) => url === null || isSafe(url))
  if (safe.length === 0) return <Empty title={t('links.none', 'No links')} icon="link" />
  return (
    <ul className={styles.links}>
      {safe.map(([name, url]) => (
        <li key={name}>
          {url === null || url === '' ? (
            <span className="muted">
              {name} · {t('links.later', 'not there yet')}
            </span>
          ) : (
            <a href={url} target="_blank" rel="noreferrer noopener">
              {name}
            </a>
          )}
        </li>
      ))}
    </ul>
  )
}

/** A link is the operator's (user code): only what a browser can open harmlessly. */
export function isSafe(url: string): boolean {
  return url === '' || /^(https?:\/\/|\/(?!\/))/i.test(url)
}
