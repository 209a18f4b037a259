/** A connection: its form by type, and a test of it. Secrets come from the visitor only; nothing brings them here. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { can, getBoot } from '../../../api/boot'
import { get, patch, post, seg, v1 } from '../../../api/client'
import { Button } from '../../../kit/Button'
import { Code } from '../../../kit/Code'
import { Dialog } from '../../../kit/Dialog'
import { Field, Input, useField } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import styles from '../shared/admin.module.css'
import { FormDialog } from '../shared/dialogs'
import { bodyOf, changedOf, type Connection, type Draft, draftOf, fieldsOf, problemsOf, TYPES } from './types'

/** Without an id: a new one. */
export function ConnectionDialog(props: { id: string; onClose: () => void; onDone: () => void }) {
  const { id } = props
  const query = useQuery({
    queryKey: ['connections', 'one', id],
    queryFn: ({ signal }) => get<Connection>(v1(`/connections/${seg(id)}`), { signal }),
    enabled: id !== '',
    gcTime: 0,
  })
  if (id === '') return <Form {...props} stored={null} />
  if (query.data) return <Form {...props} stored={query.data} />
  return (
    <Dialog open onClose={props.onClose} title={id} width={640}>
      {query.error ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} what={id} />
      ) : (
        <Skeleton rows={8} />
      )}
    </Dialog>
  )
}

function Form(props: { stored: Connection | null; onClose: () => void; onDone: () => void }) {
  const { stored } = props
  const [before] = useState(() => draftOf(stored))
  const [draft, setDraft] = useState<Draft>(before)
  const [wasSent, setSent] = useState(false)
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }))
  const problems = problemsOf(draft)
  const shown = (name: keyof Draft) => (wasSent || draft[name] !== before[name] ? problems[name] : undefined)
  const isReadOnly = stored ? !can('can_edit', 'Connections') : !can('can_create', 'Connections')
  const submit = async () => {
    setSent(true)
    if (Object.keys(problems).length > 0) throw new Error(t('form.wrong', 'Some fields are not right yet.'))
    if (stored) {
      const { body, mask } = changedOf(before, draft)
      if (mask.length > 0)
        await patch(v1(`/connections/${seg(stored.connection_id)}`), body, { query: { update_mask: mask.join(',') } })
    } else await post(v1('/connections'), bodyOf(draft))
    props.onDone()
    return t('connection.saved', 'Saved {id}', { id: draft.connection_id })
  }
  const known = TYPES[draft.conn_type]
  return (
    <FormDialog
      title={stored ? stored.connection_id : t('connection.new', 'New connection')}
      onClose={props.onClose}
      submit={submit}
      width={680}
      readOnly={isReadOnly}
      extra={<TestButton draft={draft} keepsPassword={stored !== null} />}
    >
      <Field label={t('connection.id', 'Connection id')} required error={shown('connection_id')}>
        <Input
          value={draft.connection_id}
          readOnly={stored !== null}
          data-autofocus={stored ? undefined : true}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set({ connection_id: event.target.value })}
        />
      </Field>
      <Field label={t('connection.type', 'Type')} required error={shown('conn_type')} hint={known?.label}>
        <Input
          value={draft.conn_type}
          list="connection-types"
          autoComplete="off"
          spellCheck={false}
          data-autofocus={stored ? true : undefined}
          onChange={(event) => set({ conn_type: event.target.value })}
        />
      </Field>
      <datalist id="connection-types">
        {Object.entries(TYPES).map(([type, { label }]) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </datalist>
      <Field label={t('connection.description', 'Description')} className={styles.full}>
        <Input value={draft.description} onChange={(event) => set({ description: event.target.value })} />
      </Field>
      {fieldsOf(draft.conn_type).map(([name, label]) => (
        <Field
          key={name}
          label={label}
          error={shown(name)}
          className={name === 'host' ? styles.full : undefined}
          hint={
            name === 'password' && stored
              ? t('connection.keep', 'Not shown. Left empty, it stays as it is.')
              : undefined
          }
        >
          <Input
            type={name === 'password' ? 'password' : 'text'}
            autoComplete={name === 'password' ? 'new-password' : 'off'}
            spellCheck={false}
            inputMode={name === 'port' ? 'numeric' : undefined}
            value={draft[name]}
            onChange={(event) => set({ [name]: event.target.value })}
          />
        </Field>
      ))}
      <Field
        className={styles.full}
        label={t('connection.extra', 'Extra, a JSON object')}
        error={shown('extra')}
        hint={
          draft.extra.includes('***') ? (
            t('connection.masked', 'Secrets show as ***. Where *** stays, the secret stays.')
          ) : known?.extra ? (
            <>
              {t('connection.often', 'Often')}: <code>{JSON.stringify(known.extra)}</code>
            </>
          ) : undefined
        }
      >
        <JsonField text={draft.extra} onChange={(extra) => set({ extra })} />
      </Field>
    </FormDialog>
  )
}

function JsonField(props: { text: string; onChange: (text: string) => void }) {
  const { id } = useField()
  return (
    <div id={typeof id === 'string' ? id : undefined}>
      <Code
        text={props.text}
        language="json"
        label={t('connection.extra', 'Extra, a JSON object')}
        onChange={props.onChange}
        minHeight={84}
        maxHeight={220}
      />
    </div>
  )
}

function TestButton(props: { draft: Draft; keepsPassword: boolean }) {
  const { draft } = props
  const test = useMutation({
    mutationFn: () => post<{ status: boolean; message: string }>(v1('/connections/test'), bodyOf(draft)),
  })
  const allowed = String(getBoot().flags.test_connection ?? '').toLowerCase() === 'enabled'
  if (!allowed || !can('can_create', 'Connections')) return null
  const needsPassword = props.keepsPassword && draft.password === ''
  return (
    <>
      <Button
        icon="bolt"
        busy={test.isPending}
        disabled={Object.keys(problemsOf(draft)).length > 0}
        title={
          needsPassword
            ? t('connection.testWithout', 'Tests what the form holds: type the password to test with it')
            : undefined
        }
        onClick={() => test.mutate()}
      >
        {t('connection.test', 'Test')}
      </Button>
      {(test.data || test.error) && (
        <span className={test.data?.status ? styles.good : styles.bad} role="status" title={test.data?.message}>
          <Icon name={test.data?.status ? 'check' : 'error'} size={14} />{' '}
          {test.data?.message ?? (test.error instanceof Error ? test.error.message : '')}
        </span>
      )}
    </>
  )
}
