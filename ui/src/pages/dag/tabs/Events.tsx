/** Who did what to this DAG: its part of the audit log. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get, v1 } from '../../../api/client'
import type { LogEvent } from '../../../api/queries/dag'
import type { Collection } from '../../../api/types'
import { t } from '../../../kit/i18n'
import { Empty } from '../../../kit/Placeholder'
import { type Column, Table } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { useDag } from '../context'
import styles from '../dag.module.css'

const PAGE = 100

const COLUMNS: readonly Column<LogEvent>[] = [
  {
    id: 'when',
    head: 'When',
    width: 110,
    cell: (one) => <Time at={one.when} />,
    csv: (one) => one.when,
    fixed: true,
  },
  {
    id: 'event',
    head: 'Event',
    width: 150,
    cell: (one) => one.event,
    csv: (one) => one.event,
  },
  {
    id: 'who',
    head: 'Who',
    width: 90,
    cell: (one) => one.owner ?? '–',
    csv: (one) => one.owner,
  },
  {
    id: 'task',
    head: 'Task',
    width: 130,
    cell: (one) => one.task_id ?? '',
    csv: (one) => one.task_id,
  },
  {
    id: 'run',
    head: 'Run',
    width: 160,
    cell: (one) => (
      <span className="truncate" title={one.run_id ?? ''}>
        {one.run_id ?? ''}
      </span>
    ),
    csv: (one) => one.run_id,
  },
  {
    id: 'extra',
    head: 'Details',
    grow: 1,
    min: 140,
    cell: (one) => (
      <span className="truncate mono" title={one.extra ?? ''}>
        {one.extra ?? ''}
      </span>
    ),
    csv: (one) => one.extra,
  },
]

export default function Events() {
  const { dagId } = useDag()
  const query = useInfiniteQuery({
    queryKey: ['events', dagId],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      get<Collection<'event_logs', LogEvent>>(v1('/eventLogs'), {
        query: {
          dag_id: dagId,
          offset: pageParam,
          limit: PAGE,
          order_by: '-event_log_id',
        },
        signal,
      }),
    getNextPageParam: (last, all) => {
      const loaded = all.reduce((sum, page) => sum + page.event_logs.length, 0)
      return loaded < last.total_entries && last.event_logs.length > 0 ? loaded : undefined
    },
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.event_logs), [query.data])
  return (
    <div className={styles.body}>
      <Table
        name="dag.events"
        label={t('events.of', 'Audit log of {dag}', { dag: dagId })}
        columns={COLUMNS}
        rows={rows}
        keyOf={(one) => String(one.event_log_id)}
        error={query.error}
        onRetry={() => void query.refetch()}
        total={query.data?.pages[0]?.total_entries}
        hasMore={query.hasNextPage}
        onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
        narrow={(one) => (
          <div>
            <div className="truncate">
              {one.event} · {one.owner ?? '–'}
            </div>
            <div className="muted truncate">
              <Time at={one.when} /> {one.task_id ?? ''}
            </div>
          </div>
        )}
        empty={<Empty title={t('events.none', 'Nobody has done anything to this DAG yet')} icon="log" />}
      />
    </div>
  )
}
