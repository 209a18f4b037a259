/** Asks before many DAGs are triggered or deleted. */
import { type DagsAction, useBulkDags } from '../../api/queries/dags'
import { Button } from '../../kit/Button'
import { Dialog } from '../../kit/Dialog'
import { number, t } from '../../kit/i18n'
import styles from './dags.module.css'

const SHOWN = 12

export function BulkDagsDialog(props: { action: DagsAction; ids: string[]; onClose: () => void; onDone: () => void }) {
  const many = useBulkDags()
  const { ids } = props
  const isDelete = props.action === 'delete'
  const what = ids.length === 1 ? (ids[0] ?? '') : t('dags.count', '{n} DAGs', { n: number(ids.length) })
  const submit = () =>
    many.mutate(
      { action: props.action, ids },
      {
        onSuccess: () => {
          props.onDone()
          props.onClose()
        },
      },
    )
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={submit}
      width={520}
      title={
        isDelete ? t('dags.deleteTitle', 'Delete {what}', { what }) : t('dags.triggerTitle', 'Trigger {what}', { what })
      }
      footer={
        <>
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button type="submit" variant={isDelete ? 'danger' : 'primary'} busy={many.isPending} data-autofocus>
            {isDelete ? t('dags.delete', 'Delete') : t('dags.trigger', 'Trigger')}
          </Button>
        </>
      }
    >
      <p>
        {isDelete
          ? t(
              'dags.deleteText',
              'Runs, task instances and XComs are gone for good. A DAG whose file is still there comes back without them.',
            )
          : t('dags.triggerText', 'Each gets one run, now, with its default params.')}
      </p>
      <ul className={styles.idList}>
        {ids.slice(0, SHOWN).map((id) => (
          <li key={id}>{id}</li>
        ))}
        {ids.length > SHOWN && <li className="muted">{t('dags.more', 'and {n} more', { n: ids.length - SHOWN })}</li>}
      </ul>
    </Dialog>
  )
}
