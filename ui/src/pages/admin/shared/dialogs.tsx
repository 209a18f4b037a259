/** Dialogs of the administration pages: a form that is sent, and a question before something is gone. */
import type { ReactNode } from 'react'
import { useMutation } from '@tanstack/react-query'
import { Button } from '../../../kit/Button'
import { Dialog } from '../../../kit/Dialog'
import { t } from '../../../kit/i18n'
import { ErrorBox } from '../../../kit/Placeholder'
import { toast } from '../../../kit/Toast'
import styles from './admin.module.css'

/** `submit` resolves with the words of the toast, or nothing; what it throws is shown in the dialog. */
export function FormDialog(props: {
  title: ReactNode
  onClose: () => void
  submit: () => Promise<string | void>
  submitLabel?: string
  disabled?: boolean
  width?: number
  /** At the left of the buttons. */
  extra?: ReactNode
  /** Nothing can be changed: only a way out. */
  readOnly?: boolean
  children: ReactNode
}) {
  const send = useMutation({
    mutationFn: props.submit,
    onSuccess: (text) => {
      if (text) toast({ text, tone: 'ok' })
      props.onClose()
    },
  })
  const canSubmit = !props.readOnly && !props.disabled && !send.isPending
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={() => canSubmit && send.mutate()}
      title={props.title}
      width={props.width ?? 600}
      footer={
        <>
          {props.extra}
          <span className={styles.spring} />
          <Button onClick={props.onClose}>{props.readOnly ? t('close', 'Close') : t('cancel', 'Cancel')}</Button>
          {!props.readOnly && (
            <Button type="submit" variant="primary" busy={send.isPending} disabled={props.disabled}>
              {props.submitLabel ?? t('save', 'Save')}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.form}>
        {props.children}
        {send.isError && (
          <div className={styles.full}>
            <ErrorBox error={send.error} />
          </div>
        )}
      </div>
    </Dialog>
  )
}

/** `names`: what will be gone; the first ones are listed. */
export function DeleteDialog(props: {
  title: string
  names: readonly string[]
  text: ReactNode
  remove: (name: string) => Promise<unknown>
  onClose: () => void
  onDone: () => void
  label?: string
}) {
  const { names } = props
  const send = useMutation({
    mutationFn: async () => {
      for (const name of names) await props.remove(name)
    },
    onSuccess: () => {
      toast({
        text:
          names.length === 1
            ? t('admin.deletedOne', 'Deleted {name}', { name: names[0] ?? '' })
            : t('admin.deleted', '{n} deleted', { n: names.length }),
        tone: 'ok',
      })
      props.onClose()
    },
    onSettled: props.onDone,
  })
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={() => !send.isPending && send.mutate()}
      title={props.title}
      width={460}
      footer={
        <>
          <Button onClick={props.onClose} data-autofocus>
            {t('cancel', 'Cancel')}
          </Button>
          <Button type="submit" variant="danger" busy={send.isPending}>
            {props.label ?? t('delete', 'Delete')}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p className={styles.full}>{props.text}</p>
        <ul className={styles.names}>
          {names.slice(0, 10).map((name) => (
            <li key={name}>
              <code>{name}</code>
            </li>
          ))}
          {names.length > 10 && <li className="muted">{t('admin.more', 'and {n} more', { n: names.length - 10 })}</li>}
        </ul>
        {send.isError && (
          <div className={styles.full}>
            <ErrorBox error={send.error} />
          </div>
        )}
      </div>
    </Dialog>
  )
}
