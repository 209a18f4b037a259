/** Who did what to a task instance, and the code that it ran. */
import { useQuery } from '@tanstack/react-query'
import { get, v1 } from '../../api/client'
import { codeQuery } from '../../api/queries/dag'
import { Code } from '../../kit/Code'
import { t } from '../../kit/i18n'
import { Empty, ErrorBox, Skeleton } from '../../kit/Placeholder'
import { Time } from '../../kit/Time'
import { lineOfTask } from './codeLine'
import type { TaskPlace } from './place'
import styles from './Task.module.css'

type AuditEntry = {
  event_log_id: number
  when: string
  event: string
  owner: string | null
  extra: string | null
  task_id: string | null
}

export function EventsTab({ place }: { place: Pick<TaskPlace, 'dagId' | 'runId'> & { taskId?: string } }) {
  const events = useQuery({
    queryKey: ['run', place.dagId, place.runId, 'events', place.taskId ?? ''],
    queryFn: ({ signal }) =>
      get<{ event_logs: AuditEntry[] }>(v1('/eventLogs'), {
        query: {
          dag_id: place.dagId,
          run_id: place.runId,
          task_id: place.taskId ?? null,
          order_by: '-when',
          limit: 200,
        },
        signal,
      }),
  })
  if (events.isError) return <ErrorBox error={events.error} onRetry={() => void events.refetch()} />
  if (events.data === undefined) return <Skeleton rows={6} />
  const list = events.data.event_logs
  if (list.length === 0) {
    return (
      <Empty title={t('events.none', 'No events')} icon="audit">
        {t('events.noneHint', 'What people and programs do to it is written down here.')}
      </Empty>
    )
  }
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('when', 'When')}</th>
          <th scope="col">{t('event', 'Event')}</th>
          {place.taskId === undefined && <th scope="col">{t('task', 'Task')}</th>}
          <th scope="col">{t('who', 'Who')}</th>
          <th scope="col">{t('extra', 'Extra')}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((entry) => (
          <tr key={entry.event_log_id}>
            <td>
              <Time at={entry.when} mode="short" />
            </td>
            <td>{entry.event}</td>
            {place.taskId === undefined && <td>{entry.task_id}</td>}
            <td>{entry.owner}</td>
            <td className={styles.extra} title={entry.extra ?? undefined}>
              {entry.extra}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function CodeTab({ place }: { place: TaskPlace }) {
  const ofRun = useQuery(codeQuery(place.dagId, { run_id: place.runId }))
  const isKept = ofRun.data === undefined || ofRun.data.source !== null
  const newest = useQuery({ ...codeQuery(place.dagId), enabled: !isKept })
  const code = isKept ? ofRun : newest
  if (code.isError) return <ErrorBox error={code.error} onRetry={() => void code.refetch()} />
  if (code.data === undefined) return <Skeleton rows={16} />
  const text = code.data.source
  if (text === null) return <Empty title={t('code.none', 'The source is not kept')} icon="code" />
  return (
    <>
      {!isKept && (
        <p className="muted">
          {t('code.newest', 'The text of the file is no longer kept of when this run began: this is how it is now.')}
        </p>
      )}
      <Code
        text={text}
        language="python"
        label={t('task.code', 'Code')}
        line={lineOfTask(text, place.taskId)}
        maxHeight="100%"
      />
    </>
  )
}
