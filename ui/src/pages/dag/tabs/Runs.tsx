/** The runs of the DAG as a table, newest first, more as one scrolls; bulk actions over a selection. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { get, seg, v1 } from '../../../api/client'
import type { DagRun } from '../../../api/queries/dag'
import type { Collection } from '../../../api/types'
import { Button } from '../../../kit/Button'
import { Select } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Empty, FilteredEmpty } from '../../../kit/Placeholder'
import { StateBadge } from '../../../kit/StateBadge'
import { type Column, NOTHING, type Selection, Table } from '../../../kit/Table'
import { Duration, Time } from '../../../kit/Time'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import styles from '../dag.module.css'

const PAGE = 100
const FILTER = { run_state: '', run_type: '', on: '' }

const COLUMNS: readonly Column<DagRun>[] = [
  {
    id: 'state',
    head: 'State',
    width: 110,
    cell: (run) => <StateBadge state={run.state} />,
    csv: (run) => run.state,
    fixed: true,
  },
  {
    id: 'run',
    head: 'Run',
    hidden: true,
    grow: 1,
    min: 160,
    cell: (run) => (
      <span className="truncate" title={run.dag_run_id}>
        {run.dag_run_id}
      </span>
    ),
    csv: (run) => run.dag_run_id,
  },
  {
    id: 'logical',
    head: 'Logical date',
    grow: 1,
    min: 120,
    cell: (run) => <Time at={run.logical_date} mode="short" />,
    csv: (run) => run.logical_date,
  },
  {
    id: 'type',
    head: 'Type',
    width: 90,
    cell: (run) => run.run_type.replaceAll('_', ' '),
    csv: (run) => run.run_type,
  },
  {
    id: 'start',
    head: 'Started',
    width: 130,
    cell: (run) => <Time at={run.start_date} />,
    csv: (run) => run.start_date,
  },
  {
    id: 'duration',
    head: 'Duration',
    width: 80,
    align: 'end',
    cell: (run) => <Duration start={run.start_date} end={run.end_date} />,
    csv: (run) => run.end_date,
  },
  {
    id: 'note',
    head: 'Note',
    width: 140,
    hidden: true,
    cell: (run) => run.note ?? '',
    csv: (run) => run.note,
  },
]

export default function Runs() {
  const { dagId, openRun, active, ask, may } = useDag()
  const navigate = useNavigate()
  const [filter, setFilter] = useUrlState(FILTER)
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const query = useInfiniteQuery({
    queryKey: ['dag_runs', dagId, filter],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      get<Collection<'dag_runs', DagRun>>(v1(`/dags/${seg(dagId)}/dagRuns`), {
        query: {
          order_by: '-execution_date',
          limit: PAGE,
          offset: pageParam,
          state: filter.run_state || null,
          execution_date_gte: filter.on ? `${filter.on}T00:00:00Z` : null,
          execution_date_lte: filter.on ? `${filter.on}T23:59:59.999999Z` : null,
        },
        signal,
      }),
    getNextPageParam: (last, all) => {
      const loaded = all.reduce((sum, page) => sum + page.dag_runs.length, 0)
      return loaded < last.total_entries && last.dag_runs.length > 0 ? loaded : undefined
    },
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.dag_runs), [query.data])
  const isFiltered = filter.run_state !== '' || filter.on !== ''
  const chosen = [...selection.keys]
  return (
    <div className={styles.body}>
      <Table
        name="dag.runs"
        label={t('runs.of', 'Runs of {dag}', { dag: dagId })}
        columns={COLUMNS}
        rows={rows}
        keyOf={(run) => run.dag_run_id}
        error={query.error}
        onRetry={() => void query.refetch()}
        total={query.data?.pages[0]?.total_entries}
        hasMore={query.hasNextPage}
        onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
        onOpen={(run) => openRun(run.dag_run_id)}
        openKey={active?.run ?? null}
        selection={selection}
        onSelection={setSelection}
        actions={() => (
          <>
            {may('m') && (
              <>
                <Button size="sm" icon="retry" onClick={() => ask({ kind: 'runs', action: 'clear', runs: chosen })}>
                  {t('action.clear', 'Clear')}
                </Button>
                <Button size="sm" icon="check" onClick={() => ask({ kind: 'runs', action: 'success', runs: chosen })}>
                  {t('action.success', 'Mark success')}
                </Button>
                <Button size="sm" icon="close" onClick={() => ask({ kind: 'runs', action: 'failed', runs: chosen })}>
                  {t('action.failed', 'Mark failed')}
                </Button>
              </>
            )}
            {may('k') && (
              <Button
                size="sm"
                icon="trash"
                variant="danger"
                onClick={() => ask({ kind: 'runs', action: 'delete', runs: chosen })}
              >
                {t('action.delete', 'Delete')}
              </Button>
            )}
            {chosen.length === 2 && (
              <Button
                size="sm"
                icon="compare"
                onClick={() =>
                  navigate(
                    `/dags/${seg(dagId)}/compare?a=${encodeURIComponent(chosen[0] ?? '')}&b=${encodeURIComponent(chosen[1] ?? '')}`,
                  )
                }
              >
                {t('action.compare', 'Compare')}
              </Button>
            )}
          </>
        )}
        tools={
          <>
            <input
              type="date"
              className={styles.date}
              aria-label={t('runs.on', 'Logical date on')}
              value={filter.on}
              onChange={(event) => setFilter({ on: event.target.value })}
            />
            <Select
              aria-label={t('runs.state', 'State')}
              value={filter.run_state}
              options={[
                { value: '', label: t('runs.any', 'Any state') },
                ...['failed', 'running', 'queued', 'success'].map((state) => ({
                  value: state,
                  label: state,
                })),
              ]}
              onChange={(run_state) => setFilter({ run_state })}
            />
          </>
        }
        narrow={(run) => (
          <div>
            <div className="truncate">
              <StateBadge state={run.state} /> {run.dag_run_id}
            </div>
            <div className="muted">
              <Time at={run.start_date} /> · <Duration start={run.start_date} end={run.end_date} />
            </div>
          </div>
        )}
        empty={
          isFiltered ? (
            <FilteredEmpty onClear={() => setFilter(FILTER)} />
          ) : (
            <Empty
              title={t('runs.none', 'No run yet')}
              icon="play"
              action={
                may('t') && <Button onClick={() => ask({ kind: 'trigger' })}>{t('dag.trigger', 'Trigger')}</Button>
              }
            />
          )
        }
      />
    </div>
  )
}
