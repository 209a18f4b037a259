/** A pool: its size, and who holds its slots. */
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { can } from '../../../api/boot'
import { patch, post, seg, v1 } from '../../../api/client'
import { pagesOf, type TaskRow, usePages } from '../../../api/queries/lists'
import { LinkButton } from '../../../kit/Button'
import { Checkbox, Field, Input } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Empty } from '../../../kit/Placeholder'
import { StateBadge } from '../../../kit/StateBadge'
import { type Column, Table } from '../../../kit/Table'
import { Duration } from '../../../kit/Time'
import { keyOf, pageOf } from '../../instances/columns'
import styles from '../shared/admin.module.css'
import { FormDialog } from '../shared/dialogs'
import { type Pool, PoolBar, usedOf } from './PoolBar'

const HOLDING = ['running', 'queued', 'deferred', 'scheduled']

export function PoolDialog(props: { pool: Pool | null; onClose: () => void; onDone: () => void }) {
  const { pool } = props
  const [name, setName] = useState(pool?.name ?? '')
  const [slots, setSlots] = useState(String(pool?.slots ?? 8))
  const [description, setDescription] = useState(pool?.description ?? '')
  const [deferred, setDeferred] = useState(pool?.include_deferred ?? false)
  const isDefault = pool?.name === 'default_pool'
  const readOnly = pool ? !can('can_edit', 'Pools') : !can('can_create', 'Pools')
  const isNumber = /^-?\d+$/.test(slots.trim())
  const submit = async () => {
    const body = { name, slots: Number(slots), description: description || null, include_deferred: deferred }
    if (!pool) await post(v1('/pools'), body)
    else if (isDefault)
      await patch(v1(`/pools/${seg(pool.name)}`), body, { query: { update_mask: 'slots,include_deferred' } })
    else await patch(v1(`/pools/${seg(pool.name)}`), body)
    props.onDone()
    return t('pool.saved', 'Saved {name}', { name })
  }
  return (
    <FormDialog
      title={pool ? pool.name : t('pool.new', 'New pool')}
      onClose={props.onClose}
      submit={submit}
      readOnly={readOnly}
      disabled={!name.trim() || !isNumber}
      width={720}
      extra={
        pool && (
          <LinkButton
            icon="task"
            to={`/task_instances?pool=${encodeURIComponent(pool.name)}&${HOLDING.map((state) => `state=${state}`).join('&')}`}
          >
            {t('pool.all', 'All its task instances')}
          </LinkButton>
        )
      }
    >
      <Field label={t('pool.name', 'Name')} required>
        <Input
          value={name}
          readOnly={isDefault || readOnly}
          data-autofocus={pool ? undefined : true}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field
        label={t('pool.slots', 'Slots')}
        required
        hint={t('pool.slotsHint', '-1: no limit')}
        error={isNumber ? undefined : t('pool.whole', 'A whole number')}
      >
        <Input
          inputMode="numeric"
          value={slots}
          readOnly={readOnly}
          data-autofocus={pool ? true : undefined}
          onChange={(event) => setSlots(event.target.value)}
        />
      </Field>
      {!isDefault && (
        <Field label={t('pool.description', 'Description')} className={styles.full}>
          <Input value={description} readOnly={readOnly} onChange={(event) => setDescription(event.target.value)} />
        </Field>
      )}
      <div className={styles.full}>
        <Checkbox
          label={t('pool.deferred', 'Deferred tasks hold slots too')}
          checked={deferred}
          disabled={readOnly}
          onChange={(event) => setDeferred(event.target.checked)}
        />
      </div>
      {pool && <Holders pool={pool} />}
    </FormDialog>
  )
}

function Holders({ pool }: { pool: Pool }) {
  const wanted = useMemo(() => JSON.stringify({ pools: [pool.name], states: HOLDING }), [pool.name])
  const list = usePages<TaskRow>(
    ['task_instances', 'pool', pool.name],
    pagesOf('/task_instances', { filter: wanted, order_by: 'start_date' }),
    keyOf,
    can('can_read', 'Task Instances'),
  )
  const navigate = useNavigate()
  return (
    <section className={styles.full} aria-label={t('pool.holders', 'Who holds the slots')}>
      <div className={styles.head}>
        <h3>{t('pool.holders', 'Who holds the slots')}</h3>
        <span className="muted">{usedOf(pool)}</span>
      </div>
      <PoolBar pool={pool} />
      <Table
        name="pool.holders"
        label={t('pool.holders', 'Who holds the slots')}
        noBar
        maxHeight={220}
        columns={HOLDERS}
        rows={list.rows}
        keyOf={keyOf}
        error={list.error}
        onRetry={list.reload}
        total={list.total}
        hasMore={list.hasMore}
        onMore={list.onMore}
        onOpen={(row) => navigate(pageOf(row))}
        empty={<Empty title={t('pool.free', 'Nobody: all slots are free')} icon="check" />}
      />
    </section>
  )
}

const HOLDERS: readonly Column<TaskRow>[] = [
  { id: 'state', head: t('pool.state', 'State'), width: 116, cell: (row) => <StateBadge state={row.state} /> },
  {
    id: 'task',
    head: t('pool.task', 'Task'),
    grow: 2,
    min: 120,
    cell: (row) => (
      <span className="truncate" title={`${row.dag_id} › ${row.task_id}`}>
        <strong>{row.task_id}</strong> <span className="muted">{row.dag_id}</span>
      </span>
    ),
  },
  { id: 'slots', head: t('pool.slots', 'Slots'), width: 64, align: 'end', cell: (row) => row.slots },
  {
    id: 'since',
    head: t('pool.since', 'For'),
    width: 90,
    align: 'end',
    cell: (row) => <Duration start={row.start ?? row.queued} />,
  },
]
