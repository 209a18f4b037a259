/** The dialogs that a task instance's drawer opens. */
import { ClearDialog, MarkDialog, NoteDialog } from '../../forms'
import type { TaskPlace } from './place'

export type TaskDialog = { kind: 'clear' | 'success' | 'failed' | 'skipped' | 'note' }

export function TaskDialogs(props: {
  place: TaskPlace
  note: string
  dialog: TaskDialog
  onClose: () => void
  onCleared: () => void
}) {
  const { dagId, runId, taskId, mapIndex } = props.place
  const instance = { dag_id: dagId, dag_run_id: runId, task_id: taskId, ...(mapIndex >= 0 && { map_index: mapIndex }) }
  const target = { instances: [instance] }
  const { kind } = props.dialog
  if (kind === 'note') {
    const task = { task_id: taskId, ...(mapIndex >= 0 && { map_index: mapIndex }) }
    return <NoteDialog target={{ dagId, runId, task }} note={props.note} onClose={props.onClose} />
  }
  if (kind === 'clear') return <ClearDialog target={target} onClose={props.onClose} onDone={props.onCleared} />
  return <MarkDialog target={target} state={kind} onClose={props.onClose} />
}
