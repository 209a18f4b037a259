/** The backfills of all DAGs: how far each is; pause, resume, cancel, and a new one. */
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { Link } from 'react-router'
import { can } from '../../api/boot'
import { useLive } from '../../api/events'
import { useDags } from '../../api/queries/dags'
import type { Backfill } from '../../api/queries/dag'
import { useAll } from '../../api/queries/lists'
import { BackfillDialog } from '../../forms'
import { Button } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { Dialog } from '../../kit/Dialog'
import { Field, Input } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import type { Column } from '../../kit/Table'
import { Time } from '../../kit/Time'
import { useUrlState } from '../../kit/useUrlState'
import { AdminList } from '../admin/shared/AdminList'
import styles from '../admin/shared/admin.module.css'
import { actOn, daysOf, endedOf, Progress, Standing, standing, type Verb, Verbs } from './parts'

const STATE = { active: false, dag_id: '' }
const PAUSE = 2_000
const keyOf = (one: Backfill) => String(one.id)
const textOf = (one: Backfill) => `${one.dag_id}\n${standing(one)}`

function columnsOf(act: ((one: Backfill, verb: Verb) => void) | null): readonly Column<Backfill>[] {
  return [
    {
      id: 'dag',
      head: t('backfill.dag', 'DAG'),
      grow: 2,
      min: 130,
      fixed: true,
      sort: (one) => one.dag_id,
      cell: (one) => (
        <Link to={`/dags/${encodeURIComponent(one.dag_id)}/backfills`} className={styles.name}>
          {one.dag_id}
        </Link>
      ),
    },
    {
      id: 'range',
      head: t('backfill.dates', 'Dates'),
      width: 190,
      sort: (one) => one.from_date,
      cell: daysOf,
    },
    {
      id: 'standing',
      head: t('backfill.state', 'State'),
      width: 96,
      sort: standing,
      cell: (one) => <Standing of={one} />,
    },
    {
      id: 'progress',
      head: t('backfill.runs', 'Runs'),
      grow: 2,
      min: 150,
      sort: (one) => endedOf(one) / Math.max(1, one.progress?.total ?? 0),
      cell: (one) => <Progress of={one} />,
    },
    {
      id: 'failed',
      head: t('backfill.failed', 'Failed'),
      width: 72,
      align: 'end',
      descFirst: true,
      sort: (one) => one.progress?.failed ?? 0,
      cell: (one) => {
        const n = one.progress?.failed ?? 0
        return n === 0 ? (
          <span className="muted">–</span>
        ) : (
          <Link
            to={`/dag_runs?dag_id=${encodeURIComponent(one.dag_id)}&run_type=backfill&state=failed&logical_from=${one.from_date.slice(0, 10)}&logical_to=${one.to_date.slice(0, 10)}`}
            className={styles.bad}
          >
            {number(n)}
          </Link>
        )
      },
    },
    {
      id: 'again',
      head: t('backfill.reprocess', 'Reprocess'),
      width: 96,
      hidden: true,
      sort: (one) => one.reprocess_behavior,
      cell: (one) => one.reprocess_behavior,
    },
    {
      id: 'active',
      head: t('backfill.maxActive', 'Max active'),
      width: 108,
      align: 'end',
      sort: (one) => one.max_active_runs,
      cell: (one) => one.max_active_runs,
    },
    {
      id: 'made',
      head: t('backfill.made', 'Made'),
      width: 96,
      descFirst: true,
      sort: (one) => one.created_at,
      cell: (one) => <Time at={one.created_at} />,
    },
    {
      id: 'verbs',
      head: t('backfill.actions', 'Actions'),
      quietHead: true,
      width: 76,
      align: 'end',
      cell: (one) => act && !one.completed_at && <Verbs one={one} act={act} />,
    },
  ]
}

export default function BackfillsPage() {
  const [{ active, dag_id: dagId }, setUrl] = useUrlState(STATE)
  const query = useAll<Backfill>('/backfills', 'backfills', can('can_read', 'DAG Runs'))
  const client = useQueryClient()
  const [picking, setPicking] = useState(false)
  const [making, setMaking] = useState<string | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['backfills'] })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const soon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      refresh()
    }, PAUSE)
  }
  // Runs of DAGs without a backfill tell nothing here.
  const open = useMemo(
    () => new Set(query.data?.filter((one) => !one.completed_at).map((one) => one.dag_id)),
    [query.data],
  )
  useLive(
    ['dags', 'backfill'],
    (events) => {
      if (events.some((event) => event.type === 'other' || (event.type === 'run' && open.has(event.dag_id ?? ''))))
        soon()
    },
    refresh,
  )
  const act = (one: Backfill, verb: Verb) => actOn(one, verb, refresh)
  const mayEdit = can('can_edit', 'DAG Runs')
  // eslint-disable-next-line react-hooks/exhaustive-deps -- what acts differs in nothing that counts
  const columns = useMemo(() => columnsOf(mayEdit ? (one, verb) => void act(one, verb) : null), [mayEdit])
  const make = can('can_create', 'DAG Runs') && (
    <Button variant="primary" icon="plus" onClick={() => setPicking(true)}>
      {t('backfill.newOne', 'New backfill')}
    </Button>
  )
  const rows = query.data?.filter((one) => (!active || !one.completed_at) && (!dagId || one.dag_id === dagId))
  return (
    <>
      <AdminList
        name="backfills"
        title={t('backfill.title', 'Backfills')}
        needs="DAG Runs"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={columns}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'made', desc: true }}
        searchLabel={t('backfill.search', 'Filter by DAG')}
        actions={make}
        isFiltered={active || dagId !== ''}
        onClearFilters={() => setUrl(STATE)}
        filters={
          <>
            <Chip selected={active} onClick={() => setUrl({ active: !active })}>
              {t('backfill.open', 'Not done')}
            </Chip>
            {dagId && (
              <Chip tone="accent" onRemove={() => setUrl({ dag_id: '' })}>
                {dagId}
              </Chip>
            )}
          </>
        }
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.dag_id}</span>
              <Standing of={one} />
            </span>
            <span className={styles.line}>
              <Progress of={one} />
              {mayEdit && !one.completed_at && (
                <span data-no-open>
                  <Verbs one={one} act={(which, verb) => void act(which, verb)} />
                </span>
              )}
            </span>
          </span>
        )}
        empty={{
          title: t('backfill.none', 'No backfill yet'),
          icon: 'backfill',
          text: t(
            'backfill.hint',
            'A backfill makes the runs of past dates. You can also drag over days in a DAG’s calendar.',
          ),
          action: make,
        }}
      />
      {picking && (
        <PickDag
          onClose={() => setPicking(false)}
          onPick={(id) => {
            setPicking(false)
            setMaking(id)
          }}
        />
      )}
      {making && <BackfillDialog dagId={making} onClose={() => setMaking(null)} />}
    </>
  )
}

function PickDag(props: { onClose: () => void; onPick: (dagId: string) => void }) {
  const [id, setId] = useState('')
  const { data } = useDags()
  const possible = (data?.dags ?? []).filter((dag) => dag.perms.includes('t') && dag.schedule !== 'None')
  const isKnown = possible.some((dag) => dag.id === id)
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={() => isKnown && props.onPick(id)}
      title={t('backfill.newOne', 'New backfill')}
      width={440}
      footer={
        <>
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button type="submit" variant="primary" disabled={!isKnown}>
            {t('next', 'Next')}
          </Button>
        </>
      }
    >
      <Field label={t('backfill.dag', 'DAG')} hint={t('backfill.pickHint', 'One with a schedule')}>
        <Input
          data-autofocus
          list="backfill-dags"
          value={id}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setId(event.target.value)}
        />
      </Field>
      <datalist id="backfill-dags">
        {possible.map((dag) => (
          <option key={dag.id} value={dag.id} />
        ))}
      </datalist>
    </Dialog>
  )
}
