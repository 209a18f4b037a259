/** The dialogs that a run's drawer opens. */
import { useState } from 'react'
import type { RunDetail } from '../../api/queries/drawers'
import { BulkDialog, ClearDialog, DeleteRunDialog, NoteDialog, TriggerDialog } from '../../forms'
import { t } from '../../kit/i18n'

export type RunDialog = { kind: 'clear' | 'success' | 'failed' | 'again' | 'delete' | 'note' }

export function RunDialogs(props: {
  detail: RunDetail
  dialog: RunDialog
  onClose: () => void
  onDeleted: () => void
}) {
  const { run } = props.detail
  const { onClose } = props
  const filter = { dag_ids: [run.dag_id], dag_run_ids: [run.run_id] }
  // A failed run is cleared for its failures; the switch is in the dialog.
  const [failedOnly] = useState(run.state === 'failed')
  switch (props.dialog.kind) {
    case 'clear':
      return (
        <ClearDialog
          target={{ filter }}
          preset={{ include_downstream: failedOnly, only_failed: failedOnly }}
          title={t('run.clearTitle', 'Clear tasks of {run}', { run: run.run_id })}
          onClose={onClose}
        />
      )
    case 'again':
      return <TriggerDialog dagId={run.dag_id} conf={run.conf ?? {}} onClose={onClose} />
    case 'delete':
      return <DeleteRunDialog dagId={run.dag_id} runId={run.run_id} onClose={onClose} onDone={props.onDeleted} />
    case 'note':
      return <NoteDialog target={{ dagId: run.dag_id, runId: run.run_id }} note={run.note ?? ''} onClose={onClose} />
    default:
      return (
        <BulkDialog
          what="dagRuns"
          action={props.dialog.kind}
          filter={filter}
          title={t('run.markTitle', 'Mark {run} as {state}', { run: run.run_id, state: props.dialog.kind })}
          onClose={onClose}
        />
      )
  }
}
