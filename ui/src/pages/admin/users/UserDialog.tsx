/** A user: who, with which roles; and what that lets them do. */
import { useMemo, useState } from 'react'
import { can } from '../../../api/boot'
import { patch, post, seg, v1 } from '../../../api/client'
import { Checkbox, Field, Input, SearchInput } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Tabs } from '../../../kit/Tabs'
import { actionsOf, effective, resourcesOf, type Role } from '../roles/grants'
import { Matrix } from '../roles/Matrix'
import styles from '../shared/admin.module.css'
import { FormDialog } from '../shared/dialogs'

export type User = {
  username: string
  first_name: string
  last_name: string
  email: string
  active: boolean | null
  last_login: string | null
  login_count: number | null
  fail_login_count: number | null
  roles: { name: string }[]
}

export function UserDialog(props: {
  user: User | null
  roles: readonly Role[]
  onClose: () => void
  onDone: () => void
}) {
  const { user } = props
  const [tab, setTab] = useState('user')
  const [draft, setDraft] = useState({
    username: user?.username ?? '',
    first_name: user?.first_name ?? '',
    last_name: user?.last_name ?? '',
    email: user?.email ?? '',
    password: '',
  })
  const [roles, setRoles] = useState<readonly string[]>(user?.roles.map((role) => role.name) ?? ['Viewer'])
  const readOnly = user ? !can('can_edit', 'Users') : !can('can_create', 'Users')
  const set = (change: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...change }))
  const submit = async () => {
    const { password, ...rest } = draft
    const body = { ...rest, roles: roles.map((name) => ({ name })), ...(password !== '' && { password }) }
    if (user) await patch(v1(`/users/${seg(user.username)}`), body)
    else await post(v1('/users'), body)
    props.onDone()
    return t('user.saved', 'Saved {name}', { name: draft.username })
  }
  const isWhole =
    draft.username.trim() !== '' &&
    /.@./.test(draft.email) &&
    roles.length > 0 &&
    (user !== null || draft.password !== '')
  const text = (name: keyof typeof draft, label: string, type = 'text', hint?: string) => (
    <Field
      label={label}
      hint={hint}
      required={name === 'username' || name === 'email' || (name === 'password' && !user)}
    >
      <Input
        type={type}
        value={draft[name]}
        readOnly={readOnly}
        autoComplete={name === 'password' ? 'new-password' : 'off'}
        spellCheck={false}
        data-autofocus={name === 'username' ? true : undefined}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Field>
  )
  return (
    <FormDialog
      title={user ? user.username : t('user.new', 'New user')}
      onClose={props.onClose}
      submit={submit}
      readOnly={readOnly}
      disabled={!isWhole}
      width={720}
    >
      <div className={styles.full}>
        <Tabs
          label={t('user.views', 'Views')}
          value={tab}
          onChange={setTab}
          panelId="user-panel"
          tabs={[
            { id: 'user', label: t('user.tab', 'User') },
            { id: 'may', label: t('user.may', 'Effective permissions') },
          ]}
        />
      </div>
      {tab === 'may' ? (
        <Effective roles={props.roles} names={roles} />
      ) : (
        <>
          {text('username', t('user.name', 'User name'))}
          {text('email', t('user.email', 'Email'), 'email')}
          {text('first_name', t('user.first', 'First name'))}
          {text('last_name', t('user.last', 'Last name'))}
          {!readOnly &&
            text(
              'password',
              t('user.password', 'Password'),
              'password',
              user ? t('user.keep', 'Left empty, it stays as it is.') : undefined,
            )}
          <fieldset className={`${styles.full} ${styles.plainGroup}`}>
            <legend>{t('user.roles', 'Roles')}</legend>
            <div className={styles.ticks}>
              {props.roles.map(({ name }) => (
                <Checkbox
                  key={name}
                  label={name}
                  disabled={readOnly}
                  checked={roles.includes(name)}
                  onChange={(event) =>
                    setRoles(event.target.checked ? [...roles, name] : roles.filter((one) => one !== name))
                  }
                />
              ))}
            </div>
          </fieldset>
        </>
      )}
    </FormDialog>
  )
}

function Effective(props: { roles: readonly Role[]; names: readonly string[] }) {
  const [search, setSearch] = useState('')
  const found = useMemo(() => effective(props.roles, props.names), [props.roles, props.names])
  const used = useMemo(() => props.roles.filter((role) => props.names.includes(role.name)), [props.roles, props.names])
  return (
    <div id="user-panel" role="tabpanel" className={`${styles.full} ${styles.side}`}>
      <div className={styles.head}>
        <SearchInput value={search} onChange={setSearch} label={t('role.search', 'Filter resources')} />
        <span className="muted">{t('user.from', 'from {roles}', { roles: props.names.join(', ') || '–' })}</span>
      </div>
      <div style={{ display: 'flex', maxHeight: 360 }}>
        <Matrix
          label={t('user.may', 'Effective permissions')}
          resources={resourcesOf(used)}
          actions={actionsOf(used)}
          grants={new Set(found.keys())}
          titleOf={(grant) => found.get(grant)?.join(', ')}
          search={search}
          onClearSearch={() => setSearch('')}
        />
      </div>
    </div>
  )
}
