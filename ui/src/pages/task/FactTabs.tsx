/** What is known of a task instance: its fields, what its templates became, asset events, links. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { get, seg, v1 } from '../../api/client'
import { type AssetEvent, renderedQuery, type TaskDetail } from '../../api/queries/drawers'
import { diffLines, withContext } from '../../forms/diff'
import type { Json } from '../../forms/fields'
import { Button } from '../../kit/Button'
import { Select } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { JsonTree } from '../../kit/JsonTree'
import { Facts, Panel } from '../../kit/Page'
import { Empty, ErrorBox } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { Duration, Time } from '../../kit/Time'
import type { TaskPlace } from './place'
import { taskUrl } from './place'
import styles from './Task.module.css'
import { TextDiff } from './TextDiff'

const DATES = /(_date|_at|_when|_timeout|interval_start|interval_end)$/
const FIRST = [
  'task_id',
  'map_index',
  'state',
  'operator',
  'try_number',
  'max_tries',
  'start_date',
  'end_date',
  'duration',
  'queued_when',
  'hostname',
  'pool',
  'pool_slots',
  'queue',
  'priority_weight',
  'executor',
  'unixname',
  'pid',
]
const HIDDEN = new Set(['note', 'rendered_fields', 'dag_id', 'dag_run_id', 'rendered_map_index', 'sla_miss'])

export function DetailsTab({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const ti = detail.ti
  const names =
    ti === null
      ? []
      : [
          ...FIRST.filter((name) => name in ti),
          ...Object.keys(ti).filter((name) => !FIRST.includes(name) && !HIDDEN.has(name)),
        ]
  const note = detail.note ?? ti?.note
  return (
    <div className={styles.stack}>
      {note && (
        <Panel title={t('note', 'Note')}>
          <p className={styles.note}>{note}</p>
        </Panel>
      )}
      <Facts
        facts={[
          [
            t('dag', 'DAG'),
            <Link key="d" to={`/dags/${seg(place.dagId)}`}>
              {place.dagId}
            </Link>,
          ],
          [
            t('run', 'Run'),
            <Link key="r" to={`/dags/${seg(place.dagId)}/runs/${seg(place.runId)}`}>
              {place.runId}
            </Link>,
          ],
          ...names.map(
            (name) => [words(name), <FieldValue key={name} name={name} value={ti?.[name] ?? null} />] as const,
          ),
        ]}
      />
      {detail.tries.length > 0 && (
        <Panel title={t('task.tries', 'Tries')} flush>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('task.try', 'Try')}</th>
                <th scope="col">{t('state', 'State')}</th>
                <th scope="col">{t('start', 'Start')}</th>
                <th scope="col">{t('took', 'Took')}</th>
                <th scope="col">{t('host', 'Host')}</th>
              </tr>
            </thead>
            <tbody>
              {[...detail.tries].reverse().map((one) => (
                <tr key={one.try}>
                  <td>
                    <Link to={`${taskUrl(place, 'log')}?try=${one.try}`}>{one.try}</Link>
                  </td>
                  <td>
                    <StateBadge state={one.state} bare />
                  </td>
                  <td>
                    <Time at={one.start} mode="short" />
                  </td>
                  <td>{one.start === null ? '–' : <Duration start={one.start} end={one.end} />}</td>
                  <td className="muted">{one.hostname ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
    </div>
  )
}

function words(name: string): string {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function FieldValue({ name, value }: { name: string; value: Json }) {
  if (value === null || value === '') return <span className="muted">–</span>
  if (name === 'state') return <StateBadge state={String(value)} bare />
  if (name === 'duration' && typeof value === 'number') return <Duration seconds={value} />
  if (typeof value === 'string' && DATES.test(name)) return <Time at={value} mode="absolute" />
  if (typeof value === 'object') return <JsonTree value={value} open={0} noCopy />
  return <span className={styles.value}>{String(value)}</span>
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

export function AssetsTab({ events }: { events: readonly AssetEvent[] }) {
  return (
    <ul className={styles.stack}>
      {events.map((event, index) => (
        <li key={index} className={styles.event}>
          <Link to={`/assets?q=${seg(event.uri)}`}>{event.uri}</Link> <Time at={event.timestamp} />
          {event.source_dag_id && (
            <p className="muted">
              {t('asset.by', 'by')} {event.source_dag_id} · {event.source_task_id}
            </p>
          )}
          {event.extra && Object.keys(event.extra).length > 0 && <JsonTree value={event.extra} open={0} />}
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
