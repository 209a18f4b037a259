/** XComs of all tasks: the beginning of each value here, the whole of one on opening. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { can } from '../../../api/boot'
import { get, seg, v1 } from '../../../api/client'
import { pagesOf, usePages, type XComRow } from '../../../api/queries/lists'
import { Button, LinkButton } from '../../../kit/Button'
import { Dialog } from '../../../kit/Dialog'
import { number, t } from '../../../kit/i18n'
import { JsonTree } from '../../../kit/JsonTree'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import type { Column } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { useUrlState } from '../../../kit/useUrlState'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { LateInput } from '../shared/LateInput'

const FILTER = { key: '', dag_id: '', task_id: '', run_id: '' }
const keyOf = (row: XComRow) => `${row.dag_id} / ${row.run_id} / ${row.task_id} / ${row.map_index} / ${row.key}`
const taskOf = (row: XComRow) =>
  `/dags/${seg(row.dag_id)}/runs/${seg(row.run_id)}/tasks/${seg(row.task_id)}${row.map_index >= 0 ? `/mapped/${row.map_index}` : ''}/xcom`
const cut = (text: string) => (
  <span className="truncate" title={text}>
    {text}
  </span>
)

const COLUMNS: readonly Column<XComRow>[] = [
  {
    id: 'key',
    head: t('xcom.key', 'Key'),
    width: 140,
    fixed: true,
    csv: (row) => row.key,
    cell: (row) => <span className={styles.name}>{row.key}</span>,
  },
  {
    id: 'value',
    head: t('xcom.value', 'Value'),
    grow: 4,
    min: 160,
    csv: (row) => row.preview,
    cell: (row) => (
      <span className="mono truncate" title={row.preview ?? undefined}>
        {row.preview}
      </span>
    ),
  },
  {
    id: 'task_id',
    head: t('xcom.task', 'Task'),
    grow: 2,
    min: 110,
    csv: (row) => row.task_id,
    cell: (row) => (
      <Link to={taskOf(row)} title={row.task_id}>
        {row.task_id}
        {row.map_index >= 0 && ` [${row.map_index}]`}
      </Link>
    ),
  },
  {
    id: 'dag_id',
    head: t('xcom.dag', 'DAG'),
    grow: 2,
    min: 100,
    csv: (row) => row.dag_id,
    cell: (row) => cut(row.dag_id),
  },
  {
    id: 'run_id',
    head: t('xcom.run', 'Run'),
    grow: 2,
    min: 110,
    csv: (row) => row.run_id,
    cell: (row) => <span className="muted">{cut(row.run_id)}</span>,
  },
  {
    id: 'size',
    head: t('xcom.size', 'Characters'),
    width: 92,
    align: 'end',
    csv: (row) => row.size,
    cell: (row) => (row.size === null ? '–' : number(row.size)),
  },
  {
    id: 'at',
    head: t('xcom.at', 'Written'),
    width: 96,
    csv: (row) => row.at,
    cell: (row) => <Time at={row.at} />,
  },
]

export default function XComsPage() {
  const [filter, setFilter] = useUrlState(FILTER)
  const [open, setOpen] = useState<XComRow | null>(null)
  const query = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value || null]))
  const list = usePages<XComRow>(['xcoms', filter], pagesOf('/xcoms', query), keyOf, can('can_read', 'XComs'))
  const isFiltered = Object.values(filter).some(Boolean)
  const text = (name: keyof typeof FILTER, label: string) => (
    <LateInput label={label} value={filter[name]} onChange={(value) => setFilter({ [name]: value })} />
  )
  return (
    <>
      <AdminList
        name="xcoms"
        title={t('xcom.title', 'XComs')}
        needs="XComs"
        rows={list.rows}
        error={list.error}
        onRetry={list.reload}
        total={list.total}
        hasMore={list.hasMore}
        onMore={list.onMore}
        columns={COLUMNS}
        keyOf={keyOf}
        onOpen={setOpen}
        isFiltered={isFiltered}
        onClearFilters={() => setFilter(FILTER)}
        filters={
          <span className={styles.pickers}>
            {text('key', t('xcom.key', 'Key'))}
            {text('dag_id', t('xcom.dag', 'DAG'))}
            {text('task_id', t('xcom.task', 'Task'))}
            {text('run_id', t('xcom.run', 'Run'))}
            {isFiltered && (
              <Button size="sm" variant="ghost" icon="close" onClick={() => setFilter(FILTER)}>
                {t('filter.clear', 'Clear filters')}
              </Button>
            )}
          </span>
        }
        narrow={(row) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{row.key}</span>
              <span className="muted truncate">{row.task_id}</span>
            </span>
            <span className="mono muted truncate">{row.preview}</span>
          </span>
        )}
        empty={{
          title: t('xcom.none', 'No XCom yet'),
          icon: 'xcom',
          text: t('xcom.noneText', 'What tasks return, or push, for one another is kept here.'),
        }}
      />
      {open && <ValueDialog row={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function ValueDialog({ row, onClose }: { row: XComRow; onClose: () => void }) {
  const path = `/dags/${seg(row.dag_id)}/dagRuns/${seg(row.run_id)}/taskInstances/${seg(row.task_id)}/xcomEntries/${seg(row.key)}`
  const query = useQuery({
    queryKey: ['xcom', keyOf(row)],
    queryFn: ({ signal }) =>
      get<{ value: unknown }>(v1(path), { query: { stringify: false, map_index: row.map_index }, signal }),
    gcTime: 0,
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${row.key} · ${row.task_id}`}
      width={720}
      footer={
        <LinkButton to={taskOf(row)} icon="task">
          {t('xcom.toTask', 'To the task instance')}
        </LinkButton>
      }
    >
      {query.error ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton rows={4} />
      ) : (
        <JsonTree value={query.data.value} open={3} label={row.key} />
      )}
    </Dialog>
  )
}
