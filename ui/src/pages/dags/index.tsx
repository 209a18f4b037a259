/** All DAGs in one list: what is on, how it went, what comes next; filters, bulk actions, everything by key. */
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { type DagRow, type DagsAction, useBulkDags, useDagListActions, useDags } from '../../api/queries/dags'
import { TriggerDialog } from '../../forms'
import { Button } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { SearchInput, Select } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'
import { StateCounts } from '../../kit/StateBadge'
import { isSelected, NOTHING, type Selection, sortFrom, sortText, Table } from '../../kit/Table'
import { useUrlState } from '../../kit/useUrlState'
import { BulkDagsDialog } from './BulkDagsDialog'
import { columnsOf, NarrowRow } from './columns'
import { Filters } from './Filters'
import { FILTER, groupOf, isFiltered, matching, statesOf } from './filter'
import styles from './dags.module.css'

const keyOf = (row: DagRow) => row.id

export default function DagsPage() {
  const query = useDags()
  const [filter, setFilter] = useUrlState(FILTER)
  // Typing stays quick whatever the number of rows: the list follows a moment later.
  const wanted = useDeferredValue(filter)
  const all = query.data?.dags
  const rows = useMemo(() => all && matching(all, wanted), [all, wanted])
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const [triggering, setTriggering] = useState<string | null>(null)
  const [bulk, setBulk] = useState<{ action: DagsAction; ids: string[] } | null>(null)
  const search = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const actions = useDagListActions()
  const many = useBulkDags()
  const open = (row: DagRow) => navigate(`/dags/${encodeURIComponent(row.id)}`)
  useKeys([
    {
      keys: 'f',
      label: t('dags.keys.filter', 'Filter the list'),
      group: t('keys.table', 'List'),
      run: () => search.current?.focus(),
    },
  ])
  const columns = useMemo(
    () => columnsOf({ ...actions, trigger: setTriggering, remove: (id) => setBulk({ action: 'delete', ids: [id] }) }),
    [actions],
  )
  const chosen = () => (rows ?? []).filter((row) => isSelected(selection, row.id)).map((row) => row.id)
  const run = (action: DagsAction) => {
    if (action === 'pause' || action === 'unpause') many.mutate({ action, ids: chosen() })
    else setBulk({ action, ids: chosen() })
  }
  const set = (change: Partial<typeof filter>) => {
    setSelection(NOTHING)
    setFilter(change)
  }
  return (
    <Page
      title={t('dags.title', 'DAGs')}
      fill
      toolbar={
        <div className={styles.toolbar}>
          <SearchInput
            inputRef={search}
            value={filter.q}
            onChange={(q) => set({ q })}
            label={t('dags.search', 'Filter by name, tag, owner or file')}
            className={styles.search}
          />
          <Filters rows={all ?? []} filter={filter} onChange={set} />
        </div>
      }
    >
      <Table
        name="dags"
        label={t('dags.title', 'DAGs')}
        columns={columns}
        rows={rows}
        keyOf={keyOf}
        error={query.error}
        onRetry={() => void query.refetch()}
        sort={sortFrom(filter.sort)}
        onSort={(sort) => setFilter({ sort: sortText(sort) })}
        selection={selection}
        onSelection={setSelection}
        actions={() => (
          <>
            <Button size="sm" icon="play" onClick={() => run('trigger')}>
              {t('dags.trigger', 'Trigger')}
            </Button>
            <Button size="sm" icon="pause" busy={many.isPending} onClick={() => run('pause')}>
              {t('dags.pause', 'Pause')}
            </Button>
            <Button size="sm" icon="bolt" busy={many.isPending} onClick={() => run('unpause')}>
              {t('dags.resume', 'Resume')}
            </Button>
            <Button size="sm" icon="trash" variant="danger" onClick={() => run('delete')}>
              {t('dags.delete', 'Delete')}
            </Button>
          </>
        )}
        onOpen={open}
        rowKeys={[
          {
            keys: 't',
            label: t('dags.keys.trigger', 'Trigger'),
            run: (row) => row.perms.includes('t') && setTriggering(row.id),
          },
          {
            keys: 'p',
            label: t('dags.keys.pause', 'Pause or resume'),
            run: (row) => row.perms.includes('e') && void actions.pause(row.id, !row.paused),
          },
          { keys: 's', label: t('dags.keys.star', 'Star'), run: (row) => void actions.star(row.id, !row.starred) },
        ]}
        narrow={(row) => <NarrowRow row={row} onPause={actions.pause} />}
        rowClass={(row) => (row.paused ? styles.paused : undefined)}
        group={
          filter.group
            ? {
                of: (row) => groupOf(row, filter.group),
                head: (name, members) => (
                  <>
                    <strong>{name || t('dags.noGroup', 'none')}</strong>
                    <span className="muted">{number(members.length)}</span>
                    <StateCounts counts={statesOf(members)} />
                  </>
                ),
              }
            : undefined
        }
        tools={
          <Select
            aria-label={t('dags.groupBy', 'Group by')}
            className={styles.group}
            value={filter.group}
            onChange={(group) => setFilter({ group })}
            options={[
              { value: '', label: t('dags.group.none', 'No groups') },
              { value: 'tag', label: t('dags.group.tag', 'Group by tag') },
              { value: 'owner', label: t('dags.group.owner', 'Group by owner') },
              { value: 'folder', label: t('dags.group.folder', 'Group by folder') },
            ]}
          />
        }
        empty={<Nothing isFiltered={isFiltered(filter)} onClear={() => set({ ...FILTER, group: filter.group })} />}
      />
      {triggering && <TriggerDialog dagId={triggering} onClose={() => setTriggering(null)} />}
      {bulk && (
        <BulkDagsDialog
          action={bulk.action}
          ids={bulk.ids}
          onClose={() => setBulk(null)}
          onDone={() => setSelection(NOTHING)}
        />
      )}
    </Page>
  )
}

function Nothing(props: { isFiltered: boolean; onClear: () => void }) {
  if (!props.isFiltered)
    return (
      <Empty title={t('dags.none', 'No DAGs yet')} icon="dag">
        {t('dags.noneNext', 'Save a DAG file in the DAG folder; it is here a moment later.')}{' '}
        <Chip to="/import_errors" icon="error">
          {t('dags.errors', 'Import errors')}
        </Chip>
      </Empty>
    )
  return (
    <Empty title={t('dags.noMatch', 'No DAG matches the filter')} icon="filter">
      <Button onClick={props.onClear}>{t('filter.clear', 'Clear filters')}</Button>
    </Empty>
  )
}
