/** Connections: where to log in, and how. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { del, seg, v1 } from '../../../api/client'
import { useAll } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { t } from '../../../kit/i18n'
import type { Column } from '../../../kit/Table'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { DeleteDialog } from '../shared/dialogs'
import { useEdit } from '../shared/useEdit'
import { ConnectionDialog } from './ConnectionDialog'
import { type Connection, TYPES } from './types'

const keyOf = (one: Connection) => one.connection_id
const textOf = (one: Connection) =>
  [one.connection_id, one.conn_type, one.host, one.login, one.schema, one.description].join('\n')
const cut = (text: string | null | undefined) => (
  <span className="truncate" title={text ?? undefined}>
    {text ?? ''}
  </span>
)

const COLUMNS: readonly Column<Connection>[] = [
  {
    id: 'id',
    head: t('connection.id', 'Connection id'),
    grow: 2,
    min: 150,
    fixed: true,
    sort: keyOf,
    cell: (one) => (
      <span className={styles.name} title={one.connection_id}>
        {one.connection_id}
      </span>
    ),
  },
  {
    id: 'type',
    head: t('connection.type', 'Type'),
    width: 170,
    sort: (one) => one.conn_type,
    cell: (one) => (
      <span title={TYPES[one.conn_type]?.label} className="truncate">
        {one.conn_type}
      </span>
    ),
  },
  {
    id: 'host',
    head: t('connection.host', 'Host'),
    grow: 2,
    min: 130,
    sort: (one) => one.host,
    cell: (one) => cut(one.host),
  },
  {
    id: 'port',
    head: t('connection.port', 'Port'),
    width: 72,
    align: 'end',
    sort: (one) => one.port,
    cell: (one) => one.port ?? '',
  },
  {
    id: 'login',
    head: t('connection.login', 'Login'),
    width: 140,
    sort: (one) => one.login,
    cell: (one) => cut(one.login),
  },
  {
    id: 'schema',
    head: t('connection.schema', 'Schema'),
    width: 120,
    hidden: true,
    sort: (one) => one.schema,
    cell: (one) => cut(one.schema),
  },
  {
    id: 'description',
    head: t('connection.description', 'Description'),
    grow: 3,
    min: 120,
    sort: (one) => one.description,
    cell: (one) => <span className="muted truncate">{cut(one.description)}</span>,
  },
]

export default function ConnectionsPage() {
  const query = useAll<Connection>('/connections', 'connections', can('can_read', 'Connections'))
  const client = useQueryClient()
  const { edit, isNew, open, create, close } = useEdit()
  const [gone, setGone] = useState<readonly string[] | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['connections'] })
  const make = can('can_create', 'Connections') && (
    <Button variant="primary" icon="plus" onClick={create}>
      {t('connection.new', 'New connection')}
    </Button>
  )
  return (
    <>
      <AdminList
        name="connections"
        title={t('connection.title', 'Connections')}
        needs="Connections"
        rows={query.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'id', desc: false }}
        searchLabel={t('connection.search', 'Filter by id, type, host, login')}
        actions={make}
        onOpen={(one) => open(one.connection_id)}
        onSelected={
          can('can_delete', 'Connections')
            ? (rows) => (
                <Button size="sm" icon="trash" variant="danger" onClick={() => setGone(rows.map(keyOf))}>
                  {t('delete', 'Delete')}
                </Button>
              )
            : undefined
        }
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.connection_id}</span>
              <span className="muted">{one.conn_type}</span>
            </span>
            <span className="muted truncate">{one.host ?? one.description ?? '–'}</span>
          </span>
        )}
        empty={{
          title: t('connection.none', 'No connection yet'),
          icon: 'connection',
          text: t('connection.noneText', 'Tasks log in to databases, clouds and other services by connections.'),
          action: make,
        }}
      />
      {(edit || isNew) && <ConnectionDialog key={edit} id={edit} onClose={close} onDone={refresh} />}
      {gone && (
        <DeleteDialog
          title={t('connection.delete', 'Delete connections?')}
          names={gone}
          text={t('connection.deleteText', 'Tasks that use them fail from now on.')}
          remove={(id) => del(v1(`/connections/${seg(id)}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </>
  )
}
