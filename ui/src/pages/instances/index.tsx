/** The task instances of all DAGs: filtered by the server, more as one scrolls, actions on all that match. */
import { useMemo, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { can } from '../../api/boot'
import { useLiveQuery } from '../../api/events'
import type { BulkFilter, TaskAction } from '../../api/queries/actions'
import { type ListData, pagesOf, type TaskRow, usePages } from '../../api/queries/lists'
import { BulkDialog } from '../../forms'
import { Button, LinkButton } from '../../kit/Button'
import { number, t } from '../../kit/i18n'
import { Page } from '../../kit/Page'
import { Empty, FilteredEmpty } from '../../kit/Placeholder'
import { sortFrom, sortText, Table } from '../../kit/Table'
import { useUrlState } from '../../kit/useUrlState'
import { FilterBar, type FilterField } from '../lists/FilterBar'
import { isFiltered, serverFilter, TASK_FILTER } from '../lists/filter'
import { patchTasks } from '../lists/live'
import { chosenRows, selectedFilter, useSelection } from '../lists/useListState'
import { COLUMNS, keyOf, NarrowTask, pageOf } from './columns'

const STATES = ['failed', 'running', 'queued', 'up_for_retry', 'success']
const MORE_STATES = [
  'upstream_failed',
  'scheduled',
  'deferred',
  'up_for_reschedule',
  'skipped',
  'restarting',
  'removed',
  'none',
]
const FIELDS: readonly FilterField[] = [
  { name: 'pool', label: t('lists.pool', 'Pool'), kind: 'texts' },
  { name: 'operator', label: t('lists.operator', 'Operator'), kind: 'texts' },
  { name: 'queue', label: t('lists.queue', 'Queue'), kind: 'texts' },
  { name: 'map_index', label: t('lists.map', 'Map index'), kind: 'texts' },
  { name: 'tag', label: t('lists.tag', 'Tag of the DAG'), kind: 'texts' },
  { name: 'owner', label: t('lists.owner', 'Owner of the DAG'), kind: 'texts' },
  { name: 'logical_from', label: t('lists.logicalFrom', 'Logical date from'), kind: 'moment' },
  { name: 'logical_to', label: t('lists.to', 'to'), kind: 'moment' },
  { name: 'start_from', label: t('lists.startFrom', 'Started from'), kind: 'moment' },
  { name: 'start_to', label: t('lists.to', 'to'), kind: 'moment' },
  { name: 'end_from', label: t('lists.endFrom', 'Ended from'), kind: 'moment' },
  { name: 'end_to', label: t('lists.to', 'to'), kind: 'moment' },
  { name: 'min_s', label: t('lists.minSeconds', 'Duration from (s)'), kind: 'number' },
  { name: 'max_s', label: t('lists.to', 'to'), kind: 'number' },
]
const TEXTS = [
  { name: 'task', label: t('lists.task', 'Task') },
  { name: 'dag', label: t('lists.dag', 'DAG') },
  { name: 'run', label: t('lists.run', 'Run') },
]

export default function InstancesPage() {
  const [filter, setFilter] = useUrlState(TASK_FILTER)
  const { sort, ...rest } = filter
  const restText = JSON.stringify(rest)
  const wanted = useMemo(() => serverFilter(JSON.parse(restText) as typeof rest), [restText])
  const key = ['task_instances', 'list', wanted, sort]
  const list = usePages<TaskRow>(
    key,
    pagesOf('/task_instances', { filter: JSON.stringify(wanted), order_by: sort || null }),
    keyOf,
  )
  useLiveQuery<ListData<TaskRow>>(key, ['tis'], patchTasks)
  const { selection, setSelection, clear, all } = useSelection()
  const [asked, setAsked] = useState<{ action: TaskAction; filter: BulkFilter } | null>(null)
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const change = (next: Record<string, string | readonly string[]>) => {
    clear()
    setFilter(next as Partial<typeof filter>)
  }
  const ask = (action: TaskAction, only?: TaskRow) => {
    const rows = only ? [only] : chosenRows(list.rows, selection, keyOf)
    const meant = only ? { all: false, keys: new Set<string>() } : selection
    setAsked({
      action,
      filter: selectedFilter(wanted, meant, rows, 'task_instances', (row) => ({
        dag_id: row.dag_id,
        dag_run_id: row.run_id,
        task_id: row.task_id,
        map_index: row.map_index,
      })),
    })
  }
  const open = (row: TaskRow) =>
    navigate(pageOf(row), { state: { from: pathname + search, rows: list.rows?.map(pageOf) } })
  const mayChange = can('can_edit', 'Task Instances')
  return (
    <Page
      title={t('instances.title', 'Task instances')}
      fill
      toolbar={
        <FilterBar
          name="instances"
          filter={filter}
          onChange={change}
          onClear={() => change({ ...TASK_FILTER, sort })}
          texts={TEXTS}
          states={STATES}
          moreStates={MORE_STATES}
          fields={FIELDS}
        />
      }
    >
      <Table
        name="instances"
        label={t('instances.title', 'Task instances')}
        columns={COLUMNS}
        rows={list.rows}
        keyOf={keyOf}
        error={list.error}
        onRetry={list.reload}
        total={list.total}
        hasMore={list.hasMore}
        onMore={list.onMore}
        sort={sortFrom(sort || '-start_date')}
        onSort={(next) => setFilter({ sort: sortText(next) })}
        selection={selection}
        onSelection={setSelection}
        canSelectAll
        onOpen={open}
        rowKeys={
          mayChange
            ? [
                { keys: 'r', label: t('instances.keys.clear', 'Clear'), run: (row) => ask('clear', row) },
                { keys: 's', label: t('instances.keys.success', 'Mark success'), run: (row) => ask('success', row) },
              ]
            : []
        }
        narrow={(row) => <NarrowTask row={row} />}
        tools={
          <>
            {!!list.total && !selection.all && (
              <Button size="sm" variant="ghost" icon="check" onClick={all}>
                {t('lists.selectAll', 'Select all {n}', { n: number(list.total) })}
              </Button>
            )}
            <Button size="sm" variant="ghost" icon="retry" onClick={list.reload}>
              {t('lists.reload', 'Reload')}
            </Button>
          </>
        }
        actions={() => mayChange && <TaskActions ask={ask} />}
        empty={
          isFiltered(filter) ? (
            <FilteredEmpty onClear={() => change({ ...TASK_FILTER, sort })} />
          ) : (
            <Empty
              title={t('instances.none', 'No task instance yet')}
              icon="task"
              action={<LinkButton to="/dags">{t('runs.toDags', 'To the DAGs')}</LinkButton>}
            >
              {t('instances.noneText', 'They are made with each run of a DAG.')}
            </Empty>
          )
        }
      />
      {asked && (
        <BulkDialog
          what="taskInstances"
          action={asked.action}
          filter={asked.filter}
          onClose={() => setAsked(null)}
          onDone={clear}
        />
      )}
    </Page>
  )
}

function TaskActions({ ask }: { ask: (action: TaskAction) => void }) {
  return (
    <>
      <Button size="sm" icon="retry" onClick={() => ask('clear')}>
        {t('action.clear', 'Clear')}
      </Button>
      <Button size="sm" icon="check" onClick={() => ask('success')}>
        {t('action.success', 'Mark success')}
      </Button>
      <Button size="sm" icon="close" onClick={() => ask('failed')}>
        {t('action.failed', 'Mark failed')}
      </Button>
      <Button size="sm" icon="chevronRight" onClick={() => ask('skipped')}>
        {t('action.skipped', 'Mark skipped')}
      </Button>
    </>
  )
}
