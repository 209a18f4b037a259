/** The first page: what failed and why, and how the house is. */
import { useMemo, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useDagListActions } from '../../api/queries/dags'
import { type Home, type InboxRow, useHome } from '../../api/queries/home'
import { ClearDialog, MarkDialog, NoteDialog } from '../../forms'
import { Button, IconButton } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { Segmented } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import { Menu, type MenuItem } from '../../kit/Menu'
import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'
import { StateCell } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
import { type Column, Table } from '../../kit/Table'
import { Time } from '../../kit/Time'
import { useUrlState } from '../../kit/useUrlState'
import styles from './home.module.css'
import { Side } from './Side'

const DEFAULTS = { hours: '24' }
const RANGES = [
  { value: '1', label: '1 h' },
  { value: '24', label: '24 h' },
  { value: '72', label: '3 d' },
  { value: '168', label: '7 d' },
]

const keyOf = (row: InboxRow) => `${row.dag_id}/${row.run_id}/${row.task_id}/${row.map_index}`
const seg = encodeURIComponent

function logOf(row: InboxRow): string {
  const mapped = row.map_index >= 0 ? `/mapped/${row.map_index}` : ''
  return `/dags/${seg(row.dag_id)}/runs/${seg(row.run_id)}/tasks/${seg(row.task_id)}${mapped}`
}

type Asked = { what: 'clear' | 'success' | 'note'; row: InboxRow }

export default function HomePage() {
  const [{ hours }, set] = useUrlState(DEFAULTS)
  const query = useHome(Number(hours) || 24)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [isAll, setAll] = useState(false)
  const home = query.data
  const retriable = home?.inbox.some((row) => row.perms.includes('c')) ?? false
  return (
    <Page
      title={t('home.title', 'Home')}
      actions={
        <Segmented
          label={t('home.range', 'Failures of the last')}
          value={hours}
          onChange={(value) => set({ hours: value })}
          options={RANGES}
        />
      }
      toolbar={<div className={styles.counts}>{home && <Counts home={home} />}</div>}
    >
      <div className={styles.columns}>
        <section className={styles.inbox} aria-label={t('home.inbox', 'Failures')}>
          <div className={styles.inboxHead}>
            <h2 className={styles.title}>{t('home.inbox', 'Failures')}</h2>
            {home && retriable && (
              <Button size="sm" icon="retry" onClick={() => setAll(true)}>
                {t('home.retryAll', 'Retry all {n}', { n: number(home.counts.failed) })}
              </Button>
            )}
          </div>
          <Inbox home={home} error={query.error} onRetry={() => void query.refetch()} onAsk={setAsked} />
        </section>
        {(home || !query.error) && <Side home={home} />}
      </div>
      {asked && <Dialogs asked={asked} onClose={() => setAsked(null)} />}
      {isAll && home && (
        <ClearDialog
          title={t('home.retryAllTitle', 'Retry all failures of this time')}
          target={{ filter: { states: ['failed'], end_date_gte: new Date(home.since * 1000).toISOString() } }}
          onClose={() => setAll(false)}
        />
      )}
    </Page>
  )
}

function Counts({ home }: { home: Home }) {
  const { counts } = home
  const failed = `/task_instances?state=failed&end_from=${seg(new Date(home.since * 1000).toISOString())}`
  return (
    <>
      <Chip to={failed} tone={counts.failed ? 'danger' : 'plain'} icon="error" count={counts.failed}>
        {t('home.failed', 'Failed')}
      </Chip>
      <Chip to="/task_instances?state=running" icon="play" count={counts.running}>
        {t('home.running', 'Running')}
      </Chip>
      <Chip
        to="/task_instances?state=queued"
        tone={counts.queued_long ? 'warn' : 'plain'}
        icon="clock"
        count={counts.queued_long}
      >
        {t('home.queuedLong', 'Queued over 5 min')}
      </Chip>
      <Chip to="/dags?sort=next" tone={counts.late ? 'warn' : 'plain'} icon="calendar" count={counts.late}>
        {t('home.late', 'Late')}
      </Chip>
      <Chip
        to="/import_errors"
        tone={counts.import_errors ? 'danger' : 'plain'}
        icon="code"
        count={counts.import_errors}
      >
        {t('home.importErrors', 'Import errors')}
      </Chip>
      <Chip to="/assets?waiting=1" icon="asset" count={counts.assets_waiting}>
        {t('home.waiting', 'Waiting for datasets')}
      </Chip>
    </>
  )
}

function Inbox(props: { home: Home | undefined; error: unknown; onRetry: () => void; onAsk: (asked: Asked) => void }) {
  const { home, onAsk } = props
  const navigate = useNavigate()
  const { pause } = useDagListActions()
  const columns = useMemo(() => columnsOf(onAsk, (id) => void pause(id, true)), [onAsk, pause])
  const can = (row: InboxRow) => row.perms.includes('c')
  return (
    <Table
      name="inbox"
      label={t('home.inbox', 'Failures')}
      noBar
      maxHeight={740}
      rowHeight={48}
      columns={columns}
      rows={home?.inbox}
      keyOf={keyOf}
      error={props.error}
      onRetry={props.onRetry}
      onOpen={(row) => navigate(logOf(row))}
      rowKeys={[
        {
          keys: 'r',
          label: t('home.keys.retry', 'Retry with downstream'),
          run: (row) => can(row) && onAsk({ what: 'clear', row }),
        },
        {
          keys: 's',
          label: t('home.keys.success', 'Mark success'),
          run: (row) => can(row) && onAsk({ what: 'success', row }),
        },
        { keys: 'n', label: t('home.keys.note', 'Note'), run: (row) => can(row) && onAsk({ what: 'note', row }) },
      ]}
      narrow={(row) => <NarrowRow row={row} />}
      empty={<NoFailure home={home} />}
    />
  )
}

function NoFailure({ home }: { home: Home | undefined }) {
  const last = home?.last_failure
  return (
    <Empty title={t('home.calm', 'No failure in this time')} icon="check">
      {last ? (
        <>
          {t('home.lastFailure', 'The last one')}: <Time at={last.end} mode="short" />,{' '}
          <Link to={`/dags/${seg(last.dag_id)}/runs/${seg(last.run_id)}`}>{last.dag_id}</Link>
        </>
      ) : (
        t('home.never', 'Nothing has ever failed here.')
      )}
    </Empty>
  )
}

function columnsOf(onAsk: (asked: Asked) => void, mute: (dagId: string) => void): Column<InboxRow>[] {
  return [
    {
      id: 'state',
      head: t('home.column.state', 'State'),
      quietHead: true,
      fixed: true,
      width: 36,
      align: 'center',
      cell: (row) => <StateCell state={row.state} label={stateLabel(row.state)} />,
    },
    {
      id: 'task',
      head: t('home.column.task', 'Task and error'),
      fixed: true,
      grow: 4,
      min: 260,
      sort: (row) => `${row.dag_id} ${row.task_id}`,
      csv: (row) => `${row.dag_id} ${row.task_id} ${row.error ?? ''}`,
      cell: (row) => <Failure row={row} />,
    },
    {
      id: 'also',
      head: t('home.column.also', 'Stopped'),
      width: 92,
      title: t('home.column.alsoTitle', 'Task instances that did not run because of it'),
      sort: (row) => row.upstream_failed + row.more,
      cell: (row) =>
        row.upstream_failed + row.more > 0 ? (
          <span className={styles.also}>
            <StateCell state="upstream_failed" size={12} />
            {row.upstream_failed + row.more} / {row.total_in_run}
          </span>
        ) : (
          <span className="muted">–</span>
        ),
    },
    {
      id: 'try',
      head: t('home.column.try', 'Try'),
      width: 56,
      align: 'end',
      sort: (row) => row.try,
      cell: (row) => `${row.try} / ${row.max_tries}`,
    },
    {
      id: 'end',
      head: t('home.column.end', 'When'),
      width: 108,
      descFirst: true,
      sort: (row) => row.end,
      cell: (row) => <Time at={row.end} />,
    },
    {
      id: 'owner',
      head: t('home.column.owner', 'Owner'),
      width: 104,
      sort: (row) => row.owner,
      cell: (row) => <span className={styles.error}>{row.owner}</span>,
    },
    {
      id: 'actions',
      head: t('home.column.actions', 'Actions'),
      quietHead: true,
      fixed: true,
      width: 72,
      align: 'end',
      cell: (row) => <RowActions row={row} onAsk={onAsk} mute={mute} />,
    },
  ]
}

/** Two lines: what failed and where, then why. The message has the width: it is what one came to read. */
function Failure({ row }: { row: InboxRow }) {
  return (
    <span className={styles.failure}>
      <span className={styles.task} title={`${row.dag_id} › ${row.task_id}\n${row.run_id}`}>
        <Link to={logOf(row)} className={styles.taskId}>
          {row.task_id}
          {row.map_index >= 0 && ` [${row.map_index}]`}
        </Link>
        <Link to={`/dags/${seg(row.dag_id)}/runs/${seg(row.run_id)}`} className={styles.dagId}>
          {row.dag_id}
        </Link>
      </span>
      <span className={styles.message} title={row.error ?? undefined}>
        {row.error ?? <span className="muted">{t('home.noError', 'no message; see the log')}</span>}
      </span>
    </span>
  )
}

function RowActions(props: { row: InboxRow; onAsk: (asked: Asked) => void; mute: (dagId: string) => void }) {
  const { row, onAsk, mute } = props
  const items: MenuItem[] = [
    { label: t('home.log', 'Log'), icon: 'log', hint: 'Enter', to: logOf(row) },
    ...(row.perms.includes('c')
      ? [
          {
            label: t('home.success', 'Mark success…'),
            icon: 'check' as const,
            hint: 's',
            onSelect: () => onAsk({ what: 'success', row }),
          },
          {
            label: t('home.note', 'Note…'),
            icon: 'note' as const,
            hint: 'n',
            onSelect: () => onAsk({ what: 'note', row }),
          },
        ]
      : []),
    ...(row.perms.includes('e')
      ? [
          {
            label: t('home.mute', 'Pause {dag}', { dag: row.dag_id }),
            icon: 'pause' as const,
            onSelect: () => mute(row.dag_id),
          },
        ]
      : []),
  ]
  const name = t('home.more', 'Actions on {task}', { task: row.task_id })
  return (
    <span className={styles.actions}>
      {row.perms.includes('c') && (
        <IconButton
          size="sm"
          icon="retry"
          label={t('home.retry', 'Retry {task} with downstream (r)', { task: row.task_id })}
          onClick={() => onAsk({ what: 'clear', row })}
        />
      )}
      <Menu
        label={name}
        align="end"
        items={items}
        trigger={(trigger) => <IconButton size="sm" icon="more" label={name} {...trigger} />}
      />
    </span>
  )
}

function NarrowRow({ row }: { row: InboxRow }) {
  return (
    <span className={styles.narrow}>
      <span className={styles.line}>
        <StateCell state={row.state} label={stateLabel(row.state)} />
        <Link to={logOf(row)} className={styles.taskId}>
          {row.task_id}
          {row.map_index >= 0 && ` [${row.map_index}]`}
        </Link>
        <span className={styles.dagId}>{row.dag_id}</span>
        <span className={styles.when}>
          <Time at={row.end} />
        </span>
      </span>
      <span className={styles.error}>{row.error ?? t('home.noError', 'no message; see the log')}</span>
    </span>
  )
}

function Dialogs({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { row, what } = asked
  const instance = { dag_id: row.dag_id, dag_run_id: row.run_id, task_id: row.task_id, map_index: row.map_index }
  const target = { instances: [instance] }
  if (what === 'clear') return <ClearDialog target={target} preset={{ include_downstream: true }} onClose={onClose} />
  if (what === 'success') return <MarkDialog target={target} state="success" onClose={onClose} />
  return (
    <NoteDialog
      target={{ dagId: row.dag_id, runId: row.run_id, task: { task_id: row.task_id, map_index: row.map_index } }}
      onClose={onClose}
    />
  )
}
