/** The dialogs that the DAG page opens, fetched when the first one is asked for. */
import { lazy, Suspense } from 'react'

export interface Cell {
  readonly run: string
  readonly task: string
}

export type Asked =
  | { readonly kind: 'trigger' }
  | { readonly kind: 'backfill'; readonly from?: string; readonly to?: string }
  | { readonly kind: 'clear'; readonly cells: readonly Cell[] }
  | {
      readonly kind: 'mark'
      readonly state: 'success' | 'failed'
      readonly cells: readonly Cell[]
    }
  | {
      readonly kind: 'runs'
      readonly action: 'clear' | 'success' | 'failed' | 'delete'
      readonly runs: readonly string[]
    }
  | {
      readonly kind: 'note'
      readonly run: string
      readonly task: string | null
    }

const forms = () => import('../../forms')
const Trigger = lazy(async () => ({ default: (await forms()).TriggerDialog }))
const Backfill = lazy(async () => ({
  default: (await forms()).BackfillDialog,
}))
const Clear = lazy(async () => ({ default: (await forms()).ClearDialog }))
const Mark = lazy(async () => ({ default: (await forms()).MarkDialog }))
const Bulk = lazy(async () => ({ default: (await forms()).BulkDialog }))
const Note = lazy(async () => ({ default: (await forms()).NoteDialog }))

export function DagDialogs({ dagId, asked, onClose }: { dagId: string; asked: Asked; onClose: () => void }) {
  return (
    <Suspense fallback={null}>
      <One dagId={dagId} asked={asked} onClose={onClose} />
    </Suspense>
  )
}

function One({ dagId, asked, onClose }: { dagId: string; asked: Asked; onClose: () => void }) {
  const instances = (cells: readonly Cell[]) =>
    cells.map((cell) => ({
      dag_id: dagId,
      dag_run_id: cell.run,
      task_id: cell.task,
    }))
  switch (asked.kind) {
    case 'trigger':
      return <Trigger dagId={dagId} onClose={onClose} />
    case 'backfill':
      return <Backfill dagId={dagId} from={asked.from} to={asked.to} onClose={onClose} />
    case 'clear':
      return <Clear target={{ instances: instances(asked.cells) }} onClose={onClose} />
    case 'mark':
      return <Mark target={{ instances: instances(asked.cells) }} state={asked.state} onClose={onClose} />
    case 'runs':
      return (
        <Bulk
          what="dagRuns"
          action={asked.action}
          filter={{ dag_ids: [dagId], dag_run_ids: [...asked.runs] }}
          onClose={onClose}
        />
      )
    case 'note':
      return (
        <Note
          target={{
            dagId,
            runId: asked.run,
            ...(asked.task !== null && { task: { task_id: asked.task } }),
          }}
          onClose={onClose}
        />
      )
  }
}
