/** The columns of the DAG list, and its rows on a narrow screen. */
import { Link } from 'react-router'
import type { DagRow } from '../../api/queries/dags'
import { IconButton } from '../../kit/Button'
import { t } from '../../kit/i18n'
import { Icon } from '../../kit/icons'
import { Menu, type MenuItem } from '../../kit/Menu'
import { StateCell, StateCounts, StateStrip } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
import { Switch } from '../../kit/Switch'
import { Time } from '../../kit/Time'
import type { Column } from '../../kit/table'
import { duration } from '../../kit/time'
import styles from './dags.module.css'

export type RowActions = {
  pause: (id: string, paused: boolean) => Promise<void>
  star: (id: string, starred: boolean) => Promise<void>
  reparse: (row: DagRow) => Promise<void>
  trigger: (id: string) => void
  remove: (id: string) => void
}

const pageOf = (id: string) => `/dags/${encodeURIComponent(id)}`
const runOf = (id: string, run: string) => `${pageOf(id)}/runs/${encodeURIComponent(run)}`
const SHOWN_TAGS = 3

export function columnsOf(actions: RowActions): Column<DagRow>[] {
  return [
    {
      id: 'star',
      head: t('dags.column.star', 'Starred'),
      quietHead: true,
      width: 32,
      align: 'center',
      sort: (row) => (row.starred ? 0 : 1),
      cell: (row) => (
        <IconButton
          size="sm"
          icon={row.starred ? 'starFilled' : 'star'}
          pressed={row.starred}
          label={
            row.starred
              ? t('dags.unstar', 'Remove star of {dag}', { dag: row.id })
              : t('dags.star', 'Star {dag}', { dag: row.id })
          }
          className={row.starred ? styles.starred : styles.star}
          onClick={() => void actions.star(row.id, !row.starred)}
        />
      ),
    },
    {
      id: 'paused',
      head: t('dags.column.on', 'On'),
      quietHead: true,
      width: 48,
      sort: (row) => (row.paused ? 1 : 0),
      csv: (row) => (row.paused ? 'paused' : 'active'),
      cell: (row) => <PauseSwitch row={row} onPause={actions.pause} />,
    },
    {
      id: 'id',
      head: t('dags.column.dag', 'DAG'),
      fixed: true,
      grow: 3,
      min: 180,
      sort: (row) => row.name || row.id,
      csv: (row) => row.id,
      cell: (row) => <Name row={row} />,
    },
    {
      id: 'schedule',
      head: t('dags.column.schedule', 'Schedule'),
      width: 148,
      sort: (row) => row.schedule,
      csv: (row) => row.schedule,
      cell: (row) => (
        <span className={styles.cut} title={scheduleTitle(row)}>
          {row.schedule === 'None' ? <span className="muted">{t('dags.manual', 'none')}</span> : scheduleText(row)}
        </span>
      ),
    },
    {
      id: 'runs',
      head: t('dags.column.runs', 'Last runs'),
      width: 176,
      sort: (row) => row.last?.state,
      csv: (row) => row.last?.state,
      cell: (row) => <Strip row={row} />,
    },
    {
      id: 'tasks',
      head: t('dags.column.tasks', 'Tasks of the last run'),
      width: 168,
      title: t('dags.column.tasksTitle', 'Task instances of the latest run, by state'),
      cell: (row) => {
        const run = row.last?.run_id
        if (!run) return <span className="muted">–</span>
        return (
          <StateCounts
            counts={row.ti}
            max={4}
            hrefOf={(state) =>
              `/task_instances?dag_id=${encodeURIComponent(row.id)}&run_id=${encodeURIComponent(run)}&state=${state}`
            }
          />
        )
      },
    },
    {
      id: 'last',
      head: t('dags.column.last', 'Last run'),
      width: 104,
      descFirst: true,
      sort: (row) => row.last?.start,
      cell: (row) => {
        if (!row.last) return <span className="muted">{t('dags.never', 'never')}</span>
        return (
          <Link to={runOf(row.id, row.last.run_id)} className={styles.last}>
            <StateCell state={row.last.state} size={12} label={stateLabel(row.last.state)} />
            <Time at={row.last.start} />
          </Link>
        )
      },
    },
    {
      id: 'next',
      head: t('dags.column.next', 'Next run'),
      width: 92,
      sort: (row) => (row.paused ? null : row.next),
      cell: (row) => (row.paused ? <span className="muted">–</span> : <Time at={row.next} />),
    },
    {
      id: 'owner',
      head: t('dags.column.owner', 'Owner'),
      width: 96,
      sort: (row) => row.owners.join(', '),
      cell: (row) => (
        <span className={styles.cut} title={row.owners.join(', ')}>
          {row.owners.join(', ')}
        </span>
      ),
    },
    {
      id: 'file',
      head: t('dags.column.file', 'File'),
      width: 160,
      hidden: true,
      sort: (row) => row.file,
      cell: (row) => (
        <span className={styles.cut} title={row.file}>
          {row.file}
        </span>
      ),
    },
    {
      id: 'active',
      head: t('dags.column.active', 'Active runs'),
      width: 88,
      hidden: true,
      align: 'end',
      sort: (row) => row.active,
      cell: (row) => `${row.active} / ${row.max_active}`,
    },
    {
      id: 'actions',
      head: t('dags.column.actions', 'Actions'),
      quietHead: true,
      fixed: true,
      width: 76,
      align: 'end',
      cell: (row) => <Actions row={row} actions={actions} />,
    },
  ]
}

const CLOCK = /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)$/

/** In words where there are some: what a cron expression means, how long an interval is. */
function scheduleText(row: DagRow): string {
  const every = CLOCK.exec(row.schedule)
  if (every) {
    const [, days, hours, minutes, seconds] = every.map(Number)
    return t('dags.every', 'every {time}', {
      time: duration((days || 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)),
    })
  }
  return row.cron_title && !row.cron_title.startsWith('Never') ? row.cron_title : row.schedule
}

function scheduleTitle(row: DagRow): string {
  return row.cron_title ? `${row.schedule}: ${row.cron_title}` : row.schedule
}

function PauseSwitch({ row, onPause }: { row: DagRow; onPause: RowActions['pause'] }) {
  return (
    <Switch
      checked={!row.paused}
      disabled={!row.perms.includes('e')}
      onChange={(on) => void onPause(row.id, !on)}
      label={
        row.paused
          ? t('dags.resumeOne', 'Resume {dag}', { dag: row.id })
          : t('dags.pauseOne', 'Pause {dag}', { dag: row.id })
      }
    />
  )
}

function Name({ row }: { row: DagRow }) {
  const more = row.tags.length - SHOWN_TAGS
  return (
    <span className={styles.name}>
      <Link to={pageOf(row.id)} className={styles.id} title={row.name ? row.id : undefined}>
        {row.name || row.id}
      </Link>
      {row.import_error && (
        <Link to={`/import_errors?q=${encodeURIComponent(row.file)}`} className={styles.broken}>
          <Icon name="error" size={14} />
          <span className="visually-hidden">{t('dags.broken', 'Its file has an import error')}</span>
        </Link>
      )}
      {row.tags.length > 0 && (
        <span className={styles.tags} title={row.tags.join(', ')}>
          {row.tags.slice(0, SHOWN_TAGS).map((tag) => (
            <Link key={tag} to={`/dags?tag=${encodeURIComponent(tag)}`} className={styles.tag}>
              {tag}
            </Link>
          ))}
          {more > 0 && <span className={styles.tag}>+{more}</span>}
        </span>
      )}
    </span>
  )
}

function Strip({ row }: { row: DagRow }) {
  if (!row.strip) return <span className="muted">{t('dags.noRuns', 'no runs')}</span>
  return <StateStrip strip={row.strip} durations={row.strip_d} />
}

function Actions({ row, actions }: { row: DagRow; actions: RowActions }) {
  const items: MenuItem[] = [
    { label: t('dags.menu.code', 'Code'), icon: 'code', to: `${pageOf(row.id)}/code` },
    { label: t('dags.menu.graph', 'Graph'), icon: 'graph', to: `${pageOf(row.id)}/graph` },
    ...(row.perms.includes('e')
      ? [
          {
            label: t('dags.menu.reparse', 'Parse the file again'),
            icon: 'retry' as const,
            onSelect: () => void actions.reparse(row),
          },
        ]
      : []),
    ...(row.perms.includes('d')
      ? [
          { kind: 'separator' as const },
          {
            label: t('dags.menu.delete', 'Delete…'),
            icon: 'trash' as const,
            danger: true,
            onSelect: () => actions.remove(row.id),
          },
        ]
      : []),
  ]
  return (
    <span className={styles.actions}>
      {row.perms.includes('t') && (
        <IconButton
          size="sm"
          icon="play"
          label={t('dags.triggerOne', 'Trigger {dag}', { dag: row.id })}
          onClick={() => actions.trigger(row.id)}
        />
      )}
      <Menu
        label={t('dags.menu', 'Actions on {dag}', { dag: row.id })}
        align="end"
        items={items}
        trigger={(props) => (
          <IconButton size="sm" icon="more" label={t('dags.menu', 'Actions on {dag}', { dag: row.id })} {...props} />
        )}
      />
    </span>
  )
}

/** Two lines: the name; runs, last and next. The switch stands beside both. */
export function NarrowRow({ row, onPause }: { row: DagRow; onPause: RowActions['pause'] }) {
  return (
    <span className={styles.narrow}>
      <span className={styles.lines}>
        <Link to={pageOf(row.id)} className={styles.id}>
          {row.name || row.id}
        </Link>
        <span className={styles.line}>
          {row.strip && <StateStrip strip={row.strip} durations={row.strip_d} slots={Math.min(14, row.strip.length)} />}
          <span className="muted">
            {row.last ? <Time at={row.last.start} /> : t('dags.never', 'never')}
            {!row.paused && row.next !== null && (
              <>
                {' → '}
                <Time at={row.next} />
              </>
            )}
          </span>
        </span>
      </span>
      <PauseSwitch row={row} onPause={onPause} />
    </span>
  )
}
