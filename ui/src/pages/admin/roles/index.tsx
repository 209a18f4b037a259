/** Roles: the matrix of what each may do. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { can } from '../../../api/boot'
import { del, post, put, seg, v1 } from '../../../api/client'
import { useAll } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { Field, Input, SearchInput, Select } from '../../../kit/Field'
import { number, plural, t } from '../../../kit/i18n'
import { Page } from '../../../kit/Page'
import { Empty, ErrorBox, Forbidden, Skeleton } from '../../../kit/Placeholder'
import { toast, toastError } from '../../../kit/Toast'
import { useUrlState } from '../../../kit/useUrlState'
import styles from '../shared/admin.module.css'
import { DeleteDialog, FormDialog } from '../shared/dialogs'
import { ACTIONS, actionsOf, bodyOf, changes, grantsOf, resourcesOf, type Role } from './grants'
import { Matrix } from './Matrix'

const STATE = { role: '', q: '' }
const BUILT_IN = ['Admin', 'Op', 'User', 'Viewer', 'Public']

export default function RolesPage() {
  if (!can('can_read', 'Roles'))
    return (
      <Page title={t('role.title', 'Roles')}>
        <Forbidden permission={t('permission.read', 'can read on {what}', { what: 'Roles' })} />
      </Page>
    )
  return <Roles />
}

function Roles() {
  const query = useAll<Role>('/roles', 'roles')
  const roles = query.data
  const client = useQueryClient()
  const [{ role: wanted, q }, setUrl] = useUrlState(STATE)
  const [isNew, setNew] = useState(false)
  const [gone, setGone] = useState<string | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['roles'] })
  const role = roles?.find((one) => one.name === wanted) ?? roles?.[0]
  return (
    <Page
      title={t('role.title', 'Roles')}
      fill
      actions={
        can('can_create', 'Roles') && (
          <Button variant="primary" icon="plus" onClick={() => setNew(true)}>
            {t('role.new', 'New role')}
          </Button>
        )
      }
    >
      {query.error && !roles ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : !roles ? (
        <Skeleton rows={12} />
      ) : !role ? (
        <Empty title={t('role.none', 'No role')} icon="role" />
      ) : (
        <div className={styles.split}>
          <nav className={styles.list} aria-label={t('role.title', 'Roles')}>
            {roles.map((one) => (
              <Link
                key={one.name}
                to={`?role=${encodeURIComponent(one.name)}`}
                className={styles.item}
                aria-current={one === role ? 'page' : undefined}
              >
                <span className="truncate">{one.name}</span>
                <span className="muted">{number(one.actions.length)}</span>
              </Link>
            ))}
          </nav>
          <RoleMatrix
            key={role.name}
            role={role}
            roles={roles}
            search={q}
            onSearch={(text) => setUrl({ q: text })}
            onDelete={() => setGone(role.name)}
            onSaved={refresh}
          />
        </div>
      )}
      {isNew && roles && (
        <NewRole
          roles={roles}
          onClose={() => setNew(false)}
          onDone={(name) => {
            refresh()
            setUrl({ role: name })
          }}
        />
      )}
      {gone && (
        <DeleteDialog
          title={t('role.delete', 'Delete this role?')}
          names={[gone]}
          text={t('role.deleteText', 'Whoever has it loses its permissions.')}
          remove={(name) => del(v1(`/roles/${seg(name)}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </Page>
  )
}

function RoleMatrix(props: {
  role: Role
  roles: readonly Role[]
  search: string
  onSearch: (text: string) => void
  onDelete: () => void
  onSaved: () => void
}) {
  const { role, roles } = props
  const before = useMemo(() => grantsOf(role), [role])
  const [draft, setDraft] = useState<ReadonlySet<string>>(before)
  useEffect(() => setDraft(before), [before])
  const resources = useMemo(() => resourcesOf(roles), [roles])
  const actions = useMemo(() => actionsOf(roles).filter((one) => (ACTIONS as readonly string[]).includes(one)), [roles])
  const isBuiltIn = BUILT_IN.includes(role.name)
  const mayEdit = can('can_edit', 'Roles') && role.name !== 'Admin'
  const changed = changes(before, draft)
  const save = useMutation({
    mutationFn: () => put(v1(`/roles/${seg(role.name)}`), { name: role.name, actions: bodyOf(draft) }),
    onSuccess: () => {
      toast({ text: t('role.saved', 'Saved {name}', { name: role.name }), tone: 'ok' })
      props.onSaved()
    },
    onError: (problem) => toastError(t('role.notSaved', 'Not saved'), problem),
  })
  const toggle = (grant: string, granted: boolean) => {
    const next = new Set(draft)
    if (granted) next.add(grant)
    else next.delete(grant)
    setDraft(next)
  }
  return (
    <section className={styles.side} aria-label={role.name}>
      <div className={styles.head}>
        <h2>{role.name}</h2>
        <span className="muted">
          {plural(before.size, t('role.permission', 'permission'), t('role.permissions', 'permissions'))}
          {isBuiltIn && ` · ${t('role.builtIn', 'built in')}`}
        </span>
        <span className={styles.spring} />
        <SearchInput value={props.search} onChange={props.onSearch} label={t('role.search', 'Filter resources')} />
        {can('can_delete', 'Roles') && !isBuiltIn && (
          <Button icon="trash" onClick={props.onDelete}>
            {t('delete', 'Delete')}
          </Button>
        )}
      </div>
      <Matrix
        label={t('role.matrix', 'Permissions of {name}', { name: role.name })}
        resources={resources}
        actions={actions}
        grants={draft}
        before={before}
        search={props.search}
        onClearSearch={() => props.onSearch('')}
        onToggle={mayEdit ? toggle : undefined}
      />
      {changed > 0 && (
        <div className={styles.save} role="toolbar" aria-label={t('role.changes', 'Changes')}>
          <strong>{plural(changed, t('role.change', 'change'), t('role.changesMany', 'changes'))}</strong>
          <span className={styles.spring} />
          <Button onClick={() => setDraft(before)}>{t('role.discard', 'Discard')}</Button>
          <Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {t('save', 'Save')}
          </Button>
        </div>
      )}
    </section>
  )
}

function NewRole(props: { roles: readonly Role[]; onClose: () => void; onDone: (name: string) => void }) {
  const [name, setName] = useState('')
  const [from, setFrom] = useState('')
  const source = props.roles.find((role) => role.name === from)
  const submit = async () => {
    await post(v1('/roles'), { name: name.trim(), actions: source?.actions ?? [] })
    props.onDone(name.trim())
    return t('role.made', 'Made {name}', { name })
  }
  return (
    <FormDialog
      title={t('role.new', 'New role')}
      onClose={props.onClose}
      submit={submit}
      disabled={!name.trim()}
      width={440}
    >
      <Field label={t('role.name', 'Name')} required className={styles.full}>
        <Input data-autofocus value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('role.from', 'Begin with the permissions of')} className={styles.full}>
        <Select
          value={from}
          onChange={setFrom}
          options={[{ value: '', label: t('role.nothing', 'nothing') }, ...props.roles.map((role) => role.name)]}
        />
      </Field>
    </FormDialog>
  )
}
