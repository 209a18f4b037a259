/** XComs of a task instance: all values in one request; large ones when asked for. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { del, get, patch, post, seg, v1 } from '../../api/client'
import { type XComValue, xcomQuery } from '../../api/queries/drawers'
import type { Json } from '../../forms/fields'
import { JsonInput } from '../../forms/JsonInput'
import { jsonComplaint } from '../../forms/values'
import { Button, IconButton } from '../../kit/Button'
import { Dialog } from '../../kit/Dialog'
import { Field, Input } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import { JsonTree } from '../../kit/JsonTree'
import { Empty, ErrorBox, Skeleton } from '../../kit/Placeholder'
import { Time } from '../../kit/Time'
import { toast, toastError } from '../../kit/Toast'
import { mayDeleteXComs, mayEditXComs } from './permissions'
import type { TaskPlace } from './place'
import styles from './Task.module.css'

type Editing = { key: string; text: string; isNew: boolean }

export function XComTab({ place }: { place: TaskPlace }) {
  const client = useQueryClient()
  const query = xcomQuery(place.dagId, place.runId, place.taskId, place.mapIndex)
  const xcoms = useQuery(query)
  const [editing, setEditing] = useState<Editing | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: query.queryKey })
  const remove = (one: XComValue) =>
    del(entryPath(place, one.key), { query: mapQuery(place) }).then(
      () => {
        void refresh()
        toast({
          text: t('xcom.deleted', 'Deleted {key}', { key: one.key }),
          tone: 'ok',
          ...(!one.truncated && {
            undo: () =>
              void add(place, one.key, one.value).then(refresh, (error: unknown) =>
                toastError(t('undo', 'Undo'), error),
              ),
          }),
        })
      },
      (error: unknown) => toastError(t('xcom.notDeleted', 'Not deleted'), error),
    )
  if (xcoms.isError) return <ErrorBox error={xcoms.error} onRetry={() => void xcoms.refetch()} />
  if (xcoms.data === undefined) return <Skeleton rows={5} />
  const list = xcoms.data.xcoms
  const mayEdit = mayEditXComs(place.dagId)
  return (
    <div className={styles.stack}>
      {mayEdit && (
        <div className={styles.tools}>
          <Button size="sm" icon="plus" onClick={() => setEditing({ key: '', text: '', isNew: true })}>
            {t('xcom.add', 'Add')}
          </Button>
        </div>
      )}
      {list.length === 0 && (
        <Empty title={t('xcom.none', 'No XComs')} icon="xcom">
          {t('xcom.noneHint', 'What the task returns, or pushes with xcom_push, is kept here.')}
        </Empty>
      )}
      {list.map((one) => (
        <article key={one.key} className={styles.xcom}>
          <header>
            <code>{one.key}</code>
            <Time at={one.timestamp} />
            <span className={styles.spacer} />
            {mayEdit && !one.truncated && (
              <IconButton
                icon="edit"
                size="sm"
                label={t('xcom.edit', 'Edit {key}', { key: one.key })}
                onClick={() => setEditing({ key: one.key, text: JSON.stringify(one.value, null, 2), isNew: false })}
              />
            )}
            {mayDeleteXComs() && (
              <IconButton
                icon="trash"
                size="sm"
                label={t('xcom.delete', 'Delete {key}', { key: one.key })}
                onClick={() => void remove(one)}
              />
            )}
          </header>
          <XComBody place={place} xcom={one} />
        </article>
      ))}
      {editing !== null && (
        <EditDialog place={place} editing={editing} onClose={() => setEditing(null)} onDone={refresh} />
      )}
    </div>
  )
}

function XComBody({ place, xcom }: { place: TaskPlace; xcom: XComValue }) {
  const whole = useQuery({
    queryKey: ['run', place.dagId, place.runId, 'xcom', place.taskId, place.mapIndex, xcom.key],
    enabled: false,
    queryFn: ({ signal }) =>
      get<{ value: Json }>(entryPath(place, xcom.key), { query: { ...mapQuery(place), stringify: false }, signal }),
  })
  if (!xcom.truncated || whole.data !== undefined) {
    return <JsonTree value={whole.data?.value ?? xcom.value} open={2} label={xcom.key} />
  }
  return (
    <div className={styles.stack}>
      <pre className={styles.code}>{typeof xcom.value === 'string' ? xcom.value : JSON.stringify(xcom.value)}…</pre>
      <div className={styles.tools}>
        <Button size="sm" busy={whole.isFetching} onClick={() => void whole.refetch()}>
          {xcom.size === undefined
            ? t('xcom.load', 'Load all of it')
            : t('xcom.loadSize', 'Load all of it ({n} KB)', { n: number(Math.ceil(xcom.size / 1000)) })}
        </Button>
      </div>
      {whole.isError && <ErrorBox error={whole.error} />}
    </div>
  )
}

function EditDialog(props: { place: TaskPlace; editing: Editing; onClose: () => void; onDone: () => unknown }) {
  const { place, editing } = props
  const [key, setKey] = useState(editing.key)
  const [text, setText] = useState(editing.text)
  const [complaint, setComplaint] = useState<string | null>(null)
  const save = useMutation({
    mutationFn: (value: Json) => (editing.isNew ? add(place, key, value) : change(place, key, value)),
    onSuccess: () => {
      props.onDone()
      props.onClose()
      toast({ text: t('xcom.saved', 'Saved {key}', { key }), tone: 'ok' })
    },
  })
  const submit = () => {
    try {
      save.mutate(JSON.parse(text) as Json)
    } catch (error) {
      setComplaint(jsonComplaint(error, text))
    }
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={submit}
      title={editing.isNew ? t('xcom.new', 'New XCom') : t('xcom.edit', 'Edit {key}', { key: editing.key })}
      footer={
        <>
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button type="submit" variant="primary" busy={save.isPending} disabled={key.trim() === ''}>
            {t('save', 'Save')}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        {editing.isNew && (
          <Field label={t('xcom.key', 'Key')} required>
            <Input value={key} data-autofocus spellCheck={false} onChange={(event) => setKey(event.target.value)} />
          </Field>
        )}
        <JsonInput
          label={t('xcom.value', 'Value as JSON')}
          value={text}
          rows={10}
          invalid={complaint !== null}
          onChange={(next) => {
            setText(next)
            setComplaint(null)
          }}
        />
        {complaint !== null && (
          <p className={styles.complaint} role="alert">
            {complaint}
          </p>
        )}
        {save.isError && <ErrorBox error={save.error} />}
      </div>
    </Dialog>
  )
}

function listPath(place: TaskPlace): string {
  return v1(`/dags/${seg(place.dagId)}/dagRuns/${seg(place.runId)}/taskInstances/${seg(place.taskId)}/xcomEntries`)
}

const entryPath = (place: TaskPlace, key: string) => `${listPath(place)}/${seg(key)}`
const mapQuery = (place: TaskPlace) => ({ map_index: place.mapIndex >= 0 ? place.mapIndex : null })

const add = (place: TaskPlace, key: string, value: Json): Promise<unknown> =>
  post(listPath(place), { key, value, map_index: place.mapIndex })

const change = (place: TaskPlace, key: string, value: Json): Promise<unknown> =>
  patch(entryPath(place, key), { value, map_index: place.mapIndex })
