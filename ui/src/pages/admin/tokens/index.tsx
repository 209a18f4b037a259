/** One's own access tokens: for programs that act in one's name. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { can, getBoot } from '../../../api/boot'
import { del, post, v1 } from '../../../api/client'
import { useAll } from '../../../api/queries/lists'
import { Button } from '../../../kit/Button'
import { Dialog } from '../../../kit/Dialog'
import { Field, Input, Segmented, Select, Textarea } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import type { Column } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { toast, toastError } from '../../../kit/Toast'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { DeleteDialog, FormDialog } from '../shared/dialogs'

type Token = {
  id: number
  name: string
  scopes: string[] | null
  created_at: string | null
  expires_at: string | null
  last_used_at: string | null
}

const keyOf = (one: Token) => String(one.id)
const scopesOf = (one: Token) => one.scopes?.join(', ') ?? t('token.everything', 'all that you may')
const textOf = (one: Token) => `${one.name}\n${one.scopes?.join('\n') ?? ''}`
const DAY = 86_400

const COLUMNS: readonly Column<Token>[] = [
  {
    id: 'name',
    head: t('token.name', 'Name'),
    grow: 2,
    min: 140,
    fixed: true,
    sort: (one) => one.name,
    cell: (one) => <span className={styles.name}>{one.name}</span>,
  },
  {
    id: 'scopes',
    head: t('token.scopes', 'Scopes'),
    grow: 3,
    min: 160,
    sort: scopesOf,
    cell: (one) => (
      <span className="truncate" title={scopesOf(one)}>
        {scopesOf(one)}
      </span>
    ),
  },
  {
    id: 'created',
    head: t('token.created', 'Made'),
    width: 110,
    descFirst: true,
    sort: (one) => one.created_at,
    cell: (one) => <Time at={one.created_at} />,
  },
  {
    id: 'used',
    head: t('token.used', 'Last used'),
    width: 110,
    descFirst: true,
    sort: (one) => one.last_used_at,
    cell: (one) => <Time at={one.last_used_at} none={t('token.unused', 'never')} />,
  },
  {
    id: 'expires',
    head: t('token.expires', 'Expires'),
    width: 120,
    sort: (one) => one.expires_at,
    cell: (one) => <Expiry at={one.expires_at} />,
  },
]

function Expiry({ at }: { at: string | null }) {
  if (at === null) return <span className={styles.warn}>{t('token.forever', 'never')}</span>
  const isOver = Date.parse(at) < Date.now()
  return (
    <span className={isOver ? styles.bad : undefined}>
      {isOver && `${t('token.over', 'expired')} `}
      <Time at={at} />
    </span>
  )
}

export default function TokensPage() {
  const query = useAll<Token>('/tokens', 'tokens')
  const client = useQueryClient()
  const [isNew, setNew] = useState(false)
  const [made, setMade] = useState<{ name: string; token: string } | null>(null)
  const [gone, setGone] = useState<readonly Token[] | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['tokens'] })
  const make = can('can_edit', 'My Profile') && getBoot().user?.means !== 'token' && (
    <Button variant="primary" icon="plus" onClick={() => setNew(true)}>
      {t('token.new', 'New token')}
    </Button>
  )
  return (
    <>
      <AdminList
        name="tokens"
        title={t('token.title', 'Access tokens')}
        sub={t('token.sub', 'For programs that act in your name: Authorization: Bearer …')}
        rows={query.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'created', desc: true }}
        actions={make}
        onSelected={(rows) => (
          <Button size="sm" icon="trash" variant="danger" onClick={() => setGone(rows)}>
            {t('token.revoke', 'Revoke')}
          </Button>
        )}
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.name}</span>
              <span className="muted">
                <Expiry at={one.expires_at} />
              </span>
            </span>
            <span className="muted truncate">{scopesOf(one)}</span>
          </span>
        )}
        empty={{
          title: t('token.none', 'No token yet'),
          icon: 'token',
          text: t('token.noneText', 'Scripts, CI and notebooks sign in with a token instead of your password.'),
          action: make,
        }}
      />
      {isNew && (
        <NewToken
          onClose={() => setNew(false)}
          onMade={(one) => {
            refresh()
            setMade(one)
          }}
        />
      )}
      {made && <ShownOnce {...made} onClose={() => setMade(null)} />}
      {gone && (
        <DeleteDialog
          title={t('token.revokeTitle', 'Revoke tokens?')}
          names={gone.map((one) => one.name)}
          text={t('token.revokeText', 'What uses them is refused from now on.')}
          label={t('token.revoke', 'Revoke')}
          remove={(name) => del(v1(`/tokens/${gone.find((one) => one.name === name)?.id}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </>
  )
}

function NewToken(props: { onClose: () => void; onMade: (one: { name: string; token: string }) => void }) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const [extent, setExtent] = useState('all')
  const [scopes, setScopes] = useState('can_read:DAGs\ncan_create:DAG Runs')
  const listed = scopes
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const submit = async () => {
    const body = {
      name: name.trim(),
      scopes: extent === 'all' ? null : extent === 'read' ? ['read'] : listed,
      ...(days !== '' && { expires_in: Number(days) * DAY }),
    }
    const answer = await post<{ name: string; token: string }>(v1('/tokens'), body)
    props.onMade(answer)
  }
  return (
    <FormDialog
      title={t('token.new', 'New token')}
      onClose={props.onClose}
      submit={submit}
      disabled={!name.trim() || (extent === 'some' && listed.length === 0)}
      submitLabel={t('token.make', 'Make token')}
      width={520}
    >
      <Field label={t('token.name', 'Name')} required hint={t('token.nameHint', 'What will use it')}>
        <Input data-autofocus value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('token.expires', 'Expires')}>
        <Select
          value={days}
          onChange={setDays}
          options={[
            { value: '7', label: t('token.week', 'in 7 days') },
            { value: '30', label: t('token.month', 'in 30 days') },
            { value: '90', label: t('token.quarter', 'in 90 days') },
            { value: '365', label: t('token.year', 'in a year') },
            { value: '', label: t('token.forever', 'never') },
          ]}
        />
      </Field>
      <div className={styles.full}>
        <Segmented
          label={t('token.scopes', 'Scopes')}
          value={extent}
          onChange={setExtent}
          options={[
            { value: 'all', label: t('token.all', 'All that I may') },
            { value: 'read', label: t('token.read', 'Only reading') },
            { value: 'some', label: t('token.some', 'Only these') },
          ]}
        />
      </div>
      {extent === 'some' && (
        <Field
          label={t('token.scopes', 'Scopes')}
          className={styles.full}
          hint={t(
            'token.scopesHint',
            'One in a line, action and resource: can_read:DAGs, can_create:DAG Runs, can_read:DAG:my_dag',
          )}
        >
          <Textarea rows={4} value={scopes} spellCheck={false} onChange={(event) => setScopes(event.target.value)} />
        </Field>
      )}
    </FormDialog>
  )
}

function ShownOnce(props: { name: string; token: string; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(props.token).then(
      () => toast(t('copied', 'Copied')),
      (problem: unknown) => toastError(t('token.notCopied', 'Not copied'), problem),
    )
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={props.name}
      width={560}
      footer={<Button onClick={props.onClose}>{t('token.done', 'I have it')}</Button>}
    >
      <div className={styles.form}>
        <p className={styles.note}>
          <Icon name="info" />
          <span>{t('token.once', 'Copy it now: it is shown this once, and kept nowhere.')}</span>
        </p>
        <div className={styles.token}>
          <code>{props.token}</code>
          <Button icon="copy" variant="primary" data-autofocus onClick={() => void copy()}>
            {t('copy', 'Copy')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
