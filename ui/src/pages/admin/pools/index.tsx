/** Pools: how many slots there are for what, and how full they are. */
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { can } from '../../../api/boot'
import { del, seg, v1 } from '../../../api/client'
import { useLive } from '../../../api/events'
import { useAll } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { number, t } from '../../../kit/i18n'
import type { Column } from '../../../kit/Table'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { DeleteDialog } from '../shared/dialogs'
import { useEdit } from '../shared/useEdit'
import { type Pool, PoolBar, usedOf } from './PoolBar'
import { PoolDialog } from './PoolDialog'

const keyOf = (pool: Pool) => pool.name
const textOf = (pool: Pool) => `${pool.name}\n${pool.description ?? ''}`
const PAUSE = 2_000

const count = (id: string, head: string, of: (pool: Pool) => number): Column<Pool> => ({
  id,
  head,
  width: 88,
  align: 'end',
  descFirst: true,
  sort: of,
  cell: (pool) => {
    const n = of(pool)
    return n > 0 ? number(n) : <span className="muted">{n < 0 ? '∞' : '–'}</span>
  },
})

const COLUMNS: readonly Column<Pool>[] = [
  {
    id: 'name',
    head: t('pool.name', 'Name'),
    grow: 2,
    min: 140,
    fixed: true,
    sort: keyOf,
    cell: (pool) => (
      <span className={styles.name} title={pool.name}>
        {pool.name}
      </span>
    ),
  },
  {
    id: 'use',
    head: t('pool.use', 'In use'),
    grow: 2,
    min: 130,
    descFirst: true,
    sort: (pool) => (pool.slots > 0 ? pool.occupied_slots / pool.slots : 0),
    csv: (pool) => pool.occupied_slots,
    cell: (pool) => (
      <span className={styles.cell}>
        <PoolBar pool={pool} />
      </span>
    ),
  },
  {
    id: 'used',
    head: t('pool.usedHead', 'Slots used'),
    width: 104,
    align: 'end',
    sort: (pool) => pool.slots,
    descFirst: true,
    cell: usedOf,
  },
  count('running', t('pool.running', 'Running'), (pool) => pool.running_slots),
  count('queued', t('pool.queued', 'Queued'), (pool) => pool.queued_slots),
  count('scheduled', t('pool.waiting', 'Waiting'), (pool) => pool.scheduled_slots),
  count('deferredSlots', t('pool.deferredHead', 'Deferred'), (pool) => pool.deferred_slots),
  {
    id: 'description',
    head: t('pool.description', 'Description'),
    grow: 3,
    min: 120,
    sort: (pool) => pool.description,
    cell: (pool) => (
      <span className="muted truncate" title={pool.description ?? undefined}>
        {pool.description}
      </span>
    ),
  },
]

export default function PoolsPage() {
  const query = useAll<Pool>('/pools', 'pools', can('can_read', 'Pools'))
  const client = useQueryClient()
  const { edit, isNew, open, create, close } = useEdit()
  const [gone, setGone] = useState<readonly string[] | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['pools'] })
  // How a change of a task counts only the server knows: it is asked once for many changes.
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useLive(
    ['tis', 'pools'],
    () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        refresh()
      }, PAUSE)
    },
    refresh,
  )
  const make = can('can_create', 'Pools') && (
    <Button variant="primary" icon="plus" onClick={create}>
      {t('pool.new', 'New pool')}
    </Button>
  )
  const pool = query.data?.find((one) => one.name === edit) ?? null
  return (
    <>
      <AdminList
        name="pools"
        title={t('pool.title', 'Pools')}
        needs="Pools"
        rows={query.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'name', desc: false }}
        searchLabel={t('pool.search', 'Filter by name or description')}
        actions={make}
        onOpen={(one) => open(one.name)}
        onSelected={
          can('can_delete', 'Pools')
            ? (rows) => {
                const names = rows.map(keyOf).filter((name) => name !== 'default_pool')
                return (
                  <Button
                    size="sm"
                    icon="trash"
                    variant="danger"
                    disabled={names.length === 0}
                    title={names.length === 0 ? t('pool.notDefault', 'The default pool stays') : undefined}
                    onClick={() => setGone(names)}
                  >
                    {t('delete', 'Delete')}
                  </Button>
                )
              }
            : undefined
        }
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.name}</span>
              <span className="muted">{usedOf(one)}</span>
            </span>
            <PoolBar pool={one} />
          </span>
        )}
        empty={{ title: t('pool.none', 'No pool'), icon: 'pool', action: make }}
      />
      {(isNew || pool) && <PoolDialog key={edit} pool={pool} onClose={close} onDone={refresh} />}
      {gone && (
        <DeleteDialog
          title={t('pool.delete', 'Delete pools?')}
          names={gone}
          text={t('pool.deleteText', 'Tasks that name them are not scheduled any more.')}
          remove={(name) => del(v1(`/pools/${seg(name)}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </>
  )
}
