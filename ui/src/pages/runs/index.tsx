/** The runs of all DAGs: filtered by the server, more as one scrolls, actions on all that match. */
import { useMemo, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { can } from '../../api/boot'
import { useLiveQuery } from '../../api/events'
import type { BulkFilter, RunAction } from '../../api/queries/actions'
import { type ListData, pagesOf, type RunRow, usePages } from '../../api/queries/lists'
import { BulkDialog } from '../../forms'
import { Button, LinkButton } from '../../kit/Button'
import { number, t } from '../../kit/i18n'
import { Page } from '../../kit/Page'
import { Empty, FilteredEmpty } from '../../kit/Placeholder'
import { sortFrom, sortText, Table } from '../../kit/Table'
import { useUrlState } from '../../kit/useUrlState'
import { FilterBar, type FilterField } from '../lists/FilterBar'
import { isFiltered, RUN_FILTER, serverFilter } from '../lists/filter'
import { patchRuns } from '../lists/live'
import { chosenRows, selectedFilter, useSelection } from '../lists/useListState'
import { COLUMNS, keyOf, NarrowRun, pageOf } from './columns'

const STATES = ['failed', 'running', 'queued', 'success']
const FIELDS: readonly FilterField[] = [
  {
    name: 'run_type',
    label: t('lists.type', 'Type'),
    kind: 'choice',
    options: ['scheduled', 'manual', 'backfill', 'dataset_triggered'],
  },
  { name: 'tag', label: t('lists.tag', 'Tag of the DAG'), kind: 'texts' },
  { name: 'owner', label: t('lists.owner', 'Owner of the DAG'), kind: 'texts' },
  { name: 'logical_from', label: t('lists.logicalFrom', 'Logical date from'), kind: 'moment' },
  { name: 'logical_to', label: t('lists.to', 'to'), kind: 'moment' },
  { name: 'start_from', label: t('lists.startFrom', 'Started from'), kind: 'moment' },
  { name: 'start_to', label: t('lists.to', 'to'), kind: 'moment' },
  { name: 'end_from', label: t('lists.endFrom', 'Ended from'), kind: 'moment' },
  { name: 'end_to', label: t('lists.to', 'to'), kind: 'moment' },
]
const TEXTS = [
  { name: 'dag', label: t('lists.dag', 'DAG') },
  { name: 'run', label: t('lists.run', 'Run') },
]

export default function RunsPage() {
  const [filter, setFilter] = useUrlState(RUN_FILTER)
  const { sort, ...rest } = filter
  const restText = JSON.stringify(rest)
  const wanted = useMemo(() => serverFilter(JSON.parse(restText) as typeof rest), [restText])
  const key = ['dag_runs', 'list', wanted, sort]
  const list = usePages<RunRow>(
    key,
    pagesOf('/dag_runs', { filter: JSON.stringify(wanted), order_by: sort || null }),
    keyOf,
  )
  useLiveQuery<ListData<RunRow>>(key, ['dags'], patchRuns)
  const { selection, setSelection, clear, all } = useSelection()
  const [asked, setAsked] = useState<{ action: RunAction; filter: BulkFilter } | null>(null)
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const change = (next: Record<string, string | readonly string[]>) => {
    clear()
    setFilter(next as Partial<typeof filter>)
  }
  const chosen = chosenRows(list.rows, selection, keyOf)
  const ask = (action: RunAction) =>
    setAsked({
      action,
      filter: selectedFilter(wanted, selection, chosen, 'dag_runs', (row) => ({
        dag_id: row.dag_id,
        dag_run_id: row.run_id,
      })),
    })
  const open = (row: RunRow) =>
    navigate(pageOf(row), { state: { from: pathname + search, rows: list.rows?.map(pageOf) } })
  const [first, second] = chosen
  const isPair = !selection.all && chosen.length === 2 && first?.dag_id === second?.dag_id
  return (
    <Page
      title={t('runs.title', 'Runs')}
      fill
      toolbar={
        <FilterBar
          name="runs"
          filter={filter}
          onChange={change}
          onClear={() => change({ ...RUN_FILTER, sort })}
          texts={TEXTS}
          states={STATES}
          fields={FIELDS}
        />
      }
    >
      <Table
        name="runs"
        label={t('runs.title', 'Runs')}
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
        narrow={(row) => <NarrowRun row={row} />}
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
        actions={() => (
          <>
            {isPair && first && second && (
              <LinkButton
                size="sm"
                icon="compare"
                to={`/dags/${encodeURIComponent(first.dag_id)}/compare?a=${encodeURIComponent(first.run_id)}&b=${encodeURIComponent(second.run_id)}`}
              >
                {t('runs.compare', 'Compare')}
              </LinkButton>
            )}
            <RunActions ask={ask} />
          </>
        )}
        empty={
          isFiltered(filter) ? (
            <FilteredEmpty onClear={() => change({ ...RUN_FILTER, sort })} />
          ) : (
            <Empty
              title={t('runs.none', 'No run yet')}
              icon="runs"
              action={<LinkButton to="/dags">{t('runs.toDags', 'To the DAGs')}</LinkButton>}
            >
              {t('runs.noneText', 'Runs come with a DAG’s schedule, or when one is triggered.')}
            </Empty>
          )
        }
      />
      {asked && (
        <BulkDialog
          what="dagRuns"
          action={asked.action}
          filter={asked.filter}
          onClose={() => setAsked(null)}
          onDone={clear}
        />
      )}
    </Page>
  )
}

function RunActions({ ask }: { ask: (action: RunAction) => void }) {
  return (
    <>
      {can('can_edit', 'DAG Runs') && (
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
        </>
      )}
      {can('can_create', 'DAG Runs') && (
        <Button size="sm" icon="play" onClick={() => ask('trigger-again')}>
          {t('action.again', 'Run again')}
        </Button>
      )}
      {can('can_delete', 'DAG Runs') && (
        <Button size="sm" icon="trash" variant="danger" onClick={() => ask('delete')}>
          {t('action.delete', 'Delete')}
        </Button>
      )}
    </>
  )
}
