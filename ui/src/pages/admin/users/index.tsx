/** Users and their roles. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { del, seg, v1 } from '../../../api/client'
import { useAll } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { number, t } from '../../../kit/i18n'
import type { Column } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import type { Role } from '../roles/grants'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { DeleteDialog } from '../shared/dialogs'
import { useEdit } from '../shared/useEdit'
import { type User, UserDialog } from './UserDialog'

const keyOf = (user: User) => user.username
const rolesOf = (user: User) => user.roles.map((role) => role.name)
const nameOf = (user: User) => [user.first_name, user.last_name].filter(Boolean).join(' ')
const textOf = (user: User) => [user.username, nameOf(user), user.email, ...rolesOf(user)].join('\n')

/** v1 writes these without a zone; they are UTC. */
const utc = (text: string | null) => (text === null ? null : `${text}Z`)

const COLUMNS: readonly Column<User>[] = [
  {
    id: 'username',
    head: t('user.name', 'User name'),
    grow: 2,
    min: 120,
    fixed: true,
    sort: keyOf,
    cell: (user) => <span className={styles.name}>{user.username}</span>,
  },
  { id: 'name', head: t('user.fullName', 'Name'), grow: 2, min: 120, sort: nameOf, cell: nameOf },
  {
    id: 'email',
    head: t('user.email', 'Email'),
    grow: 2,
    min: 140,
    sort: (user) => user.email,
    cell: (user) => (
      <span className="truncate" title={user.email}>
        {user.email}
      </span>
    ),
  },
  {
    id: 'roles',
    head: t('user.roles', 'Roles'),
    grow: 2,
    min: 130,
    sort: (user) => rolesOf(user).join(', '),
    cell: (user) => (
      <span className={styles.tags} title={rolesOf(user).join(', ')}>
        {rolesOf(user).map((name) => (
          <span key={name} className={styles.tag}>
            {name}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'active',
    head: t('user.active', 'Active'),
    width: 72,
    sort: (user) => (user.active ? 0 : 1),
    cell: (user) => (user.active ? t('yes', 'yes') : <strong>{t('no', 'no')}</strong>),
  },
  {
    id: 'last_login',
    head: t('user.lastLogin', 'Last sign-in'),
    width: 110,
    descFirst: true,
    sort: (user) => user.last_login,
    cell: (user) => <Time at={utc(user.last_login)} none={t('user.never', 'never')} />,
  },
  {
    id: 'count',
    head: t('user.count', 'Sign-ins'),
    width: 84,
    align: 'end',
    descFirst: true,
    sort: (user) => user.login_count,
    cell: (user) => number(user.login_count ?? 0),
  },
  {
    id: 'failed',
    head: t('user.failed', 'Failed'),
    width: 72,
    align: 'end',
    descFirst: true,
    title: t('user.failedTitle', 'Failed sign-ins since the last good one'),
    sort: (user) => user.fail_login_count,
    cell: (user) => number(user.fail_login_count ?? 0),
  },
]

export default function UsersPage() {
  const query = useAll<User>('/users', 'users', can('can_read', 'Users'))
  const roles = useAll<Role>('/roles', 'roles', can('can_read', 'Roles'))
  const client = useQueryClient()
  const { edit, isNew, open, create, close } = useEdit()
  const [gone, setGone] = useState<readonly string[] | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['users'] })
  const make = can('can_create', 'Users') && (
    <Button variant="primary" icon="plus" onClick={create}>
      {t('user.new', 'New user')}
    </Button>
  )
  const user = query.data?.find((one) => one.username === edit) ?? null
  return (
    <>
      <AdminList
        name="users"
        title={t('user.title', 'Users')}
        needs="Users"
        rows={query.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'username', desc: false }}
        searchLabel={t('user.search', 'Filter by name, email, role')}
        actions={make}
        onOpen={(one) => open(one.username)}
        onSelected={
          can('can_delete', 'Users')
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
              <span className={styles.name}>{one.username}</span>
              <span className="muted truncate">{rolesOf(one).join(', ')}</span>
            </span>
            <span className="muted truncate">{one.email}</span>
          </span>
        )}
        empty={{ title: t('user.none', 'No user'), icon: 'user', action: make }}
      />
      {(isNew || user) && roles.data && (
        <UserDialog key={edit} user={user} roles={roles.data} onClose={close} onDone={refresh} />
      )}
      {gone && (
        <DeleteDialog
          title={t('user.delete', 'Delete users?')}
          names={gone}
          text={t('user.deleteText', 'They can sign in no more; their tokens are worthless.')}
          remove={(name) => del(v1(`/users/${seg(name)}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </>
  )
}
