/** How the roles are, and their jobs. */
import { useQuery } from '@tanstack/react-query'
import { can, serverNow } from '../../../api/boot'
import { get, ui } from '../../../api/client'
import { useLive } from '../../../api/events'
import type { Home } from '../../../api/queries/home'
import { Chip } from '../../../kit/Chip'
import { t } from '../../../kit/i18n'
import { Icon, type IconName } from '../../../kit/icons'
import type { Column } from '../../../kit/Table'
import { Duration, Time } from '../../../kit/Time'
import { useUrlState } from '../../../kit/useUrlState'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'

type Job = {
  id: number
  type: string
  state: string | null
  host: string | null
  user: string | null
  executor: string | null
  dag_id: string | null
  start: number | null
  end: number | null
  heartbeat: number | null
}
type Answer = { health: Home['health']; jobs: Job[] }

const STATE = { running: false }
const LOOKS: Readonly<Record<string, { icon: IconName; tone: string | undefined }>> = {
  healthy: { icon: 'check', tone: styles.good },
  idle: { icon: 'pause', tone: undefined },
  '…': { icon: 'clock', tone: undefined },
}
/** The roles as the server lists them: they stand there until it is known how they are, so that nothing moves then. */
const ROLES = ['api', 'database', 'scheduler', 'triggerer', 'dag_processor', 'executor']
const UNKNOWN: Answer['health'] = ROLES.map((role) => ({ role, status: '…', heartbeat: null, note: '' }))
const keyOf = (job: Job) => String(job.id)
const SILENT_S = 120

/** Whether a job that runs has not been heard of for long. */
const isSilent = (job: Job) =>
  job.state === 'running' && job.heartbeat !== null && serverNow() / 1000 - job.heartbeat > SILENT_S

const COLUMNS: readonly Column<Job>[] = [
  { id: 'id', head: '#', width: 64, align: 'end', sort: (job) => job.id, descFirst: true, cell: (job) => job.id },
  {
    id: 'type',
    head: t('job.type', 'Job'),
    grow: 2,
    min: 140,
    fixed: true,
    sort: (job) => job.type,
    cell: (job) => <span className={styles.name}>{job.type}</span>,
  },
  {
    id: 'state',
    head: t('job.state', 'State'),
    width: 100,
    sort: (job) => job.state,
    cell: (job) => <span className={job.state === 'failed' ? styles.bad : undefined}>{job.state ?? '–'}</span>,
  },
  { id: 'host', head: t('job.host', 'Host'), grow: 2, min: 110, sort: (job) => job.host, cell: (job) => job.host },
  {
    id: 'user',
    head: t('job.user', 'User'),
    width: 100,
    hidden: true,
    sort: (job) => job.user,
    cell: (job) => job.user,
  },
  {
    id: 'executor',
    head: t('job.executor', 'Executor'),
    grow: 1,
    min: 110,
    sort: (job) => job.executor,
    cell: (job) => job.executor,
  },
  {
    id: 'start',
    head: t('job.start', 'Started'),
    width: 104,
    descFirst: true,
    sort: (job) => job.start,
    cell: (job) => <Time at={job.start} />,
  },
  {
    id: 'for',
    head: t('job.for', 'Ran for'),
    width: 96,
    align: 'end',
    sort: (job) => (job.start === null ? null : (job.end ?? job.heartbeat ?? job.start) - job.start),
    cell: (job) => <Duration start={job.start} end={job.end ?? (isSilent(job) ? job.heartbeat : null)} />,
  },
  {
    id: 'heartbeat',
    head: t('job.heartbeat', 'Heartbeat'),
    width: 120,
    descFirst: true,
    sort: (job) => job.heartbeat,
    cell: (job) =>
      isSilent(job) ? (
        <span
          className={styles.warn}
          title={t('job.silent', 'Says that it runs, and is silent: it was ended by force')}
        >
          <Icon name="error" size={12} /> <Time at={job.heartbeat} />
        </span>
      ) : (
        <Time at={job.heartbeat} />
      ),
  },
]

export default function JobsPage() {
  const [{ running }, setUrl] = useUrlState(STATE)
  const query = useQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal }) => get<Answer>(ui('/jobs'), { signal }),
    enabled: can('can_read', 'Jobs'),
  })
  const refresh = () => void query.refetch()
  useLive(['health'], refresh, refresh)
  const jobs = query.data?.jobs
  return (
    <AdminList
      name="jobs"
      title={t('job.title', 'Jobs and health')}
      needs="Jobs"
      rows={running ? jobs?.filter((job) => job.state === 'running') : jobs}
      error={query.error}
      onRetry={refresh}
      columns={COLUMNS}
      keyOf={keyOf}
      textOf={(job) => [job.type, job.state, job.host, job.executor].join('\n')}
      sort={{ id: 'heartbeat', desc: true }}
      searchLabel={t('job.search', 'Filter by job, host, state')}
      isFiltered={running}
      onClearFilters={() => setUrl({ running: false })}
      filters={
        <Chip selected={running} onClick={() => setUrl({ running: !running })}>
          {t('job.running', 'Running')}
        </Chip>
      }
      above={(query.data || query.isPending) && <Health health={query.data?.health ?? UNKNOWN} />}
      narrow={(job) => (
        <span className={styles.narrow}>
          <span className={styles.line}>
            <span className={styles.name}>{job.type}</span>
            <span>{job.state}</span>
          </span>
          <span className={`${styles.line} muted`}>
            <span className="truncate">{job.host}</span>
            <Time at={job.heartbeat} />
          </span>
        </span>
      )}
      empty={{
        title: t('job.none', 'No job yet'),
        icon: 'job',
        text: t('job.noneText', 'The scheduler, the triggerer and the DAG processor tell here that they live.'),
      }}
    />
  )
}

function Health({ health }: { health: Answer['health'] }) {
  return (
    <ul className={styles.tiles} aria-label={t('job.health', 'Health')}>
      {health.map((one) => {
        const look = LOOKS[one.status] ?? { icon: 'error' as const, tone: styles.bad }
        return (
          <li key={one.role} className={styles.tile}>
            <span className={look.tone ?? 'muted'}>
              <Icon name={look.icon} />
            </span>
            <span>
              <strong>{one.role.replaceAll('_', ' ')}</strong>
              <span className="muted">
                {one.status}
                {one.heartbeat ? (
                  <>
                    {' · '}
                    <Time at={one.heartbeat} />
                  </>
                ) : (
                  one.note && ` · ${one.note}`
                )}
              </span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
