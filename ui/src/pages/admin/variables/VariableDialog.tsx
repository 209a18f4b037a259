/** One variable: key, value as text or JSON, description. A secret value is not here to be shown. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { get, patch, post, seg, v1 } from '../../../api/client'
import { Button } from '../../../kit/Button'
import { Code } from '../../../kit/Code'
import { Dialog } from '../../../kit/Dialog'
import { Field, Input, Textarea } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import { ErrorBox, Gone, Skeleton } from '../../../kit/Placeholder'
import styles from '../shared/admin.module.css'
import { FormDialog } from '../shared/dialogs'
import { isJson, type VariableRow } from './transfer'

type Props = { rows: readonly VariableRow[] | undefined; name: string; onClose: () => void; onDone: () => void }

/** Without a name: a new one. */
export function VariableDialog(props: Props) {
  const row = props.rows?.find((one) => one.key === props.name)
  const whole = useQuery({
    queryKey: ['variables', 'one', props.name],
    queryFn: ({ signal }) => get<{ value: string }>(v1(`/variables/${seg(props.name)}`), { signal }),
    enabled: !!row && row.cut && !row.masked,
    gcTime: 0,
  })
  if (props.name === '') return <Form {...props} row={null} value="" />
  if (row && (!row.cut || row.masked)) return <Form {...props} row={row} value={row.masked ? '' : row.value} />
  if (row && whole.data) return <Form {...props} row={row} value={whole.data.value} />
  return (
    <Dialog open onClose={props.onClose} title={props.name} width={640}>
      {props.rows && !row ? (
        <Gone what={props.name} />
      ) : whole.error ? (
        <ErrorBox error={whole.error} onRetry={() => void whole.refetch()} />
      ) : (
        <Skeleton rows={6} />
      )}
    </Dialog>
  )
}

function formatted(text: string): string {
  return isJson(text) ? JSON.stringify(JSON.parse(text), null, 2) : text
}

function Form(props: Props & { row: VariableRow | null; value: string }) {
  const { row } = props
  const [key, setKey] = useState(props.name)
  const [value, setValue] = useState(() => (row?.json ? formatted(props.value) : props.value))
  const [description, setDescription] = useState(row?.description ?? '')
  const [asJson, setAsJson] = useState(row?.json ?? false)
  const readOnly = row ? !can('can_edit', 'Variables') : !can('can_create', 'Variables')
  const isTaken = !row && !!props.rows?.some((one) => one.key === key)
  const keepsSecret = !!row?.masked && value === ''
  const submit = async () => {
    const text = { ...(description || row ? { description } : {}) }
    if (!row) await post(v1('/variables'), { key, value, ...text })
    else
      await patch(
        v1(`/variables/${seg(key)}`),
        { key, value, ...text },
        keepsSecret ? { query: { update_mask: 'description' } } : {},
      )
    props.onDone()
    return t('variable.saved', 'Saved {key}', { key })
  }
  return (
    <FormDialog
      title={row ? row.key : t('variable.new', 'New variable')}
      onClose={props.onClose}
      submit={submit}
      readOnly={readOnly}
      disabled={!key.trim() || isTaken}
      width={680}
      extra={
        asJson &&
        !readOnly && (
          <Button icon="code" disabled={!isJson(value)} onClick={() => setValue(formatted(value))}>
            {t('variable.format', 'Format')}
          </Button>
        )
      }
    >
      {!row && (
        <Field
          label={t('variable.key', 'Key')}
          required
          className={styles.full}
          error={isTaken ? t('variable.taken', 'There is a variable of this name.') : undefined}
        >
          <Input
            value={key}
            data-autofocus
            autoComplete="off"
            spellCheck={false}
            maxLength={250}
            onChange={(event) => setKey(event.target.value)}
          />
        </Field>
      )}
      <Field label={t('variable.description', 'Description')} className={styles.full}>
        <Input value={description} readOnly={readOnly} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      {row?.masked && (
        <p className={styles.note}>
          <Icon name="lock" />
          <span>
            {t(
              'variable.masked',
              'The value holds a secret and never leaves the server. What you type replaces all of it; left empty, it stays.',
            )}
          </span>
        </p>
      )}
      {asJson ? (
        <div className={styles.full}>
          <Code
            text={value}
            language="json"
            label={t('variable.value', 'Value')}
            minHeight={120}
            maxHeight="45vh"
            {...(readOnly ? {} : { onChange: setValue })}
          />
        </div>
      ) : (
        <Field label={t('variable.value', 'Value')} className={styles.full}>
          <Textarea
            rows={6}
            value={value}
            readOnly={readOnly}
            data-autofocus={row ? true : undefined}
            spellCheck={false}
            placeholder={row?.masked ? '••••••••' : undefined}
            onChange={(event) => setValue(event.target.value)}
          />
        </Field>
      )}
      <p className={`${styles.full} muted`}>
        {isJson(value) ? (
          <span className={styles.good}>
            <Icon name="check" size={12} /> {t('variable.isJson', 'valid JSON')}
          </span>
        ) : asJson && value.trim() ? (
          <span className={styles.warn}>{t('variable.noJson', 'no valid JSON: kept as text')}</span>
        ) : (
          t('variable.isText', 'text')
        )}
        {!asJson && !row?.masked && (
          <>
            {' · '}
            <Button size="sm" variant="ghost" icon="code" onClick={() => setAsJson(true)}>
              {t('variable.edit', 'Edit as JSON')}
            </Button>
          </>
        )}
      </p>
    </FormDialog>
  )
}
