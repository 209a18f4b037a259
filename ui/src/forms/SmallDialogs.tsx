/** Deleting a run, and writing a note. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { deleteRun, type Instance, refreshDag, setRunNote, setTaskNote } from '../api/queries/actions'
import { runQuery, taskQuery } from '../api/queries/drawers'
import { Button } from '../kit/Button'
import { Dialog } from '../kit/Dialog'
import { Field, Textarea } from '../kit/Field'
import { t } from '../kit/i18n'
import { ErrorBox, Skeleton } from '../kit/Placeholder'
import { toast, toastError } from '../kit/Toast'
import styles from './Dialogs.module.css'

export function DeleteRunDialog(props: { dagId: string; runId: string; onClose: () => void; onDone?: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteRun(props.dagId, props.runId),
    onSuccess: () => {
      props.onDone?.()
      props.onClose()
      refreshDag(client, [props.dagId])
      toast({ text: t('run.deleted', 'Deleted {run}', { run: props.runId }), tone: 'ok' })
    },
  })
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={() => remove.mutate()}
      title={t('run.delete', 'Delete this run?')}
      width={460}
      footer={
        <>
          <Button onClick={props.onClose} data-autofocus>
            {t('cancel', 'Cancel')}
          </Button>
          <Button type="submit" variant="danger" busy={remove.isPending}>
            {t('delete', 'Delete')}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <p>
          <code>{props.runId}</code>
        </p>
        <p className="muted">
          {t('run.deleteHint', 'Its task instances and XComs are gone for good; its logs stay on disk.')}
        </p>
        {remove.isError && <ErrorBox error={remove.error} />}
      </div>
    </Dialog>
  )
}

export type NoteTarget = { dagId: string; runId: string; task?: Pick<Instance, 'task_id' | 'map_index'> }

/** Saves at once and offers to undo. Without `note` the present one is asked for first. */
export function NoteDialog(props: { target: NoteTarget; note?: string; onClose: () => void }) {
  const { dagId, runId, task } = props.target
  const ask = props.note === undefined
  const ofRun = useQuery({
    ...runQuery(dagId, runId),
    enabled: ask && task === undefined,
    select: (one) => one.run.note,
  })
  const ofTask = useQuery({
    ...taskQuery(dagId, runId, task?.task_id ?? '', task?.map_index ?? -1),
    enabled: ask && task !== undefined,
    select: (one) => one.note,
  })
  const asked = task === undefined ? ofRun : ofTask
  if (!ask || asked.isSuccess) return <NoteForm {...props} note={props.note ?? asked.data ?? ''} />
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={t('note.title', 'Note on {what}', { what: task?.task_id ?? runId })}
      width={520}
    >
      {asked.isError ? <ErrorBox error={asked.error} onRetry={() => void asked.refetch()} /> : <Skeleton rows={4} />}
    </Dialog>
  )
}

function NoteForm(props: { target: NoteTarget; note: string; onClose: () => void }) {
  const client = useQueryClient()
  const [text, setText] = useState(props.note)
  const { dagId, runId, task } = props.target
  const save = async (note: string): Promise<void> => {
    await (task === undefined
      ? setRunNote(dagId, runId, note)
      : setTaskNote({ dag_id: dagId, dag_run_id: runId, ...task }, note))
    refreshDag(client, [dagId])
  }
  const submit = () => {
    props.onClose()
    if (text === props.note) return
    save(text).then(
      () =>
        toast({
          text: t('note.saved', 'Note saved'),
          tone: 'ok',
          undo: () => void save(props.note).catch((error: unknown) => toastError('Undo', error)),
        }),
      (error: unknown) => toastError(t('note.failed', 'The note was not saved'), error),
    )
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={submit}
      title={t('note.title', 'Note on {what}', { what: task?.task_id ?? runId })}
      width={520}
      footer={
        <>
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button type="submit" variant="primary" hotkey="ctrl ↵">
            {t('save', 'Save')}
          </Button>
        </>
      }
    >
      <Field
        label={t('note.text', 'Note')}
        hint={t('note.hint', 'Everyone who sees the run sees it. 1,000 characters.')}
      >
        <Textarea
          data-autofocus
          rows={6}
          maxLength={1000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault()
              submit()
            }
          }}
        />
      </Field>
    </Dialog>
  )
}
