/** The audit log: who did what, when. */
import { useState } from 'react'
import { Link } from 'react-router'
import { can } from '../../../api/boot'
import { usePages, v1PagesOf } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { Dialog } from '../../../kit/Dialog'
import { Input } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { JsonTree } from '../../../kit/JsonTree'
import { Facts } from '../../../kit/Page'
import { type Column, sortFrom, sortText } from '../../../kit/Table'
import { csvOf } from '../../../kit/table'
import { Time } from '../../../kit/Time'
import { toast, toastError } from '../../../kit/Toast'
import { useUrlState } from '../../../kit/useUrlState'
import { fieldOf, momentOf } from '../../lists/filter'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { download } from '../shared/download'
import { LateInput } from '../shared/LateInput'

type Entry = {
  event_log_id: number
  when: string
  event: string
  owner: string | null
  dag_id: string | null
  task_id: string | null
  run_id: string | null
  map_index: number | null
  try_number: number | null
  extra: string | null
}

const FILTER = { event: '', owner: '', dag_id: '', task_id: '', run_id: '', after: '', before: '', sort: '' }
const MOST_CSV = 20_000
const keyOf = (one: Entry) => String(one.event_log_id)
const cut = (text: string | null) => (
  <span className="truncate" title={text ?? undefined}>
    {text ?? ''}
  </span>
)

const COLUMNS: readonly Column<Entry>[] = [
  {
    id: 'when',
    head: t('audit.when', 'When'),
    width: 116,
    fixed: true,
    sort: true,
    descFirst: true,
    csv: (one) => one.when,
    cell: (one) => <Time at={one.when} mode="short" />,
  },
  {
    id: 'owner',
    head: t('audit.who', 'Who'),
    width: 130,
    sort: true,
    csv: (one) => one.owner,
    cell: (one) => cut(one.owner),
  },
  {
    id: 'event',
    head: t('audit.event', 'Event'),
    grow: 2,
    min: 170,
    fixed: true,
    sort: true,
    csv: (one) => one.event,
    cell: (one) => <span className={styles.name}>{one.event}</span>,
  },
  {
    id: 'dag_id',
    head: t('audit.dag', 'DAG'),
    grow: 2,
    min: 110,
    sort: true,
    csv: (one) => one.dag_id,
    cell: (one) => one.dag_id && <Link to={`/dags/${encodeURIComponent(one.dag_id)}`}>{one.dag_id}</Link>,
  },
  {
    id: 'task_id',
    head: t('audit.task', 'Task'),
    grow: 1,
    min: 90,
    sort: true,
    csv: (one) => one.task_id,
    cell: (one) => cut(one.task_id),
  },
  {
    id: 'run_id',
    head: t('audit.run', 'Run'),
    grow: 2,
    min: 110,
    sort: true,
    csv: (one) => one.run_id,
    cell: (one) => <span className="muted">{cut(one.run_id)}</span>,
  },
  {
    id: 'extra',
    head: t('audit.extra', 'Details'),
    grow: 3,
    min: 120,
    csv: (one) => one.extra,
    cell: (one) => <span className="mono muted">{cut(one.extra)}</span>,
  },
]

export default function EventsPage() {
  const [filter, setFilter] = useUrlState(FILTER)
  const [open, setOpen] = useState<Entry | null>(null)
  const [isWriting, setWriting] = useState(false)
  const { sort, after, before, ...texts } = filter
  const query = {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, value || null])),
    after: after ? momentOf(after, false) : null,
    before: before ? momentOf(before, true) : null,
    order_by: sort || '-when',
  }
  const load = v1PagesOf<Entry>('/eventLogs', 'event_logs', query)
  const list = usePages<Entry>(['event_logs', query], load, keyOf, can('can_read', 'Audit Logs'))
  const isFiltered = Object.entries(filter).some(([name, value]) => name !== 'sort' && value !== '')
  const write = async () => {
    setWriting(true)
    try {
      const rows: Entry[] = []
      const { signal } = new AbortController()
      for (;;) {
        const page = await load(rows.length, 100, signal)
        rows.push(...page.rows)
        if (page.rows.length === 0 || rows.length >= Math.min(page.total, MOST_CSV)) break
      }
      download('audit.csv', csvOf(rows, COLUMNS), 'text/csv')
      toast(t('audit.written', '{n} events written', { n: rows.length }))
    } catch (problem) {
      toastError(t('audit.notWritten', 'Not written'), problem)
    }
    setWriting(false)
  }
  const text = (name: 'event' | 'owner' | 'dag_id' | 'task_id' | 'run_id', label: string) => (
    <LateInput label={label} value={filter[name]} onChange={(value) => setFilter({ [name]: value })} />
  )
  const moment = (name: 'after' | 'before', label: string) => (
    <Input
      type="datetime-local"
      className={styles.date}
      aria-label={label}
      title={label}
      value={fieldOf(filter[name])}
      onChange={(event) => setFilter({ [name]: event.target.value })}
    />
  )
  return (
    <>
      <AdminList
        name="audit"
        title={t('audit.title', 'Audit log')}
        needs="Audit Logs"
        rows={list.rows}
        error={list.error}
        onRetry={list.reload}
        total={list.total}
        hasMore={list.hasMore}
        onMore={list.onMore}
        columns={COLUMNS}
        keyOf={keyOf}
        sort={sortFrom(sort || '-when')}
        onSort={(next) => setFilter({ sort: sortText(next) })}
        onOpen={setOpen}
        isFiltered={isFiltered}
        onClearFilters={() => setFilter(FILTER)}
        actions={
          <Button icon="download" busy={isWriting} onClick={() => void write()}>
            {t('audit.csv', 'CSV')}
          </Button>
        }
        filters={
          <span className={styles.pickers}>
            {text('event', t('audit.event', 'Event'))}
            {text('owner', t('audit.who', 'Who'))}
            {text('dag_id', t('audit.dag', 'DAG'))}
            {text('task_id', t('audit.task', 'Task'))}
            {text('run_id', t('audit.run', 'Run'))}
            {moment('after', t('audit.after', 'From (UTC)'))}
            <span className="muted">–</span>
            {moment('before', t('audit.before', 'to (UTC)'))}
            {isFiltered && (
              <Button size="sm" variant="ghost" icon="close" onClick={() => setFilter({ ...FILTER, sort })}>
                {t('filter.clear', 'Clear filters')}
              </Button>
            )}
          </span>
        }
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.event}</span>
              <span className="muted">
                <Time at={one.when} />
              </span>
            </span>
            <span className="muted truncate">{[one.owner, one.dag_id, one.task_id].filter(Boolean).join(' · ')}</span>
          </span>
        )}
        empty={{
          title: t('audit.none', 'Nothing has been done yet'),
          icon: 'audit',
          text: t('audit.noneText', 'Changes by people, by programs and by tasks are kept here.'),
        }}
      />
      {open && <EntryDialog entry={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return text
  }
}

function EntryDialog({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={entry.event} width={640}>
      <Facts
        facts={[
          [t('audit.when', 'When'), <Time key="when" at={entry.when} mode="absolute" />],
          [t('audit.who', 'Who'), entry.owner],
          entry.dag_id !== null && [t('audit.dag', 'DAG'), entry.dag_id],
          entry.run_id !== null && [t('audit.run', 'Run'), entry.run_id],
          entry.task_id !== null && [t('audit.task', 'Task'), entry.task_id],
          entry.map_index !== null && entry.map_index >= 0 && [t('audit.map', 'Map index'), entry.map_index],
          entry.try_number !== null && [t('audit.try', 'Try'), entry.try_number],
        ]}
      />
      {entry.extra && <JsonTree value={parsed(entry.extra)} open={3} label={t('audit.extra', 'Details')} />}
    </Dialog>
  )
}
