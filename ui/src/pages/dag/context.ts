/** What the parts of the DAG page share: which DAG, what the visitor may do, and where to go. */
import { createContext, useContext } from 'react'
import type { DagHead } from '../../api/queries/dag'
import type { Asked } from './Dialogs'

export interface DagView {
  readonly dagId: string
  readonly head: DagHead | undefined
  /** e: edit, t: trigger, d: delete, c: clear and mark tasks, r: runs, i: task instances, l: logs, s: code, m: mark runs. */
  may(letter: string): boolean
  /** What the drawer shows. */
  readonly active: {
    readonly run: string
    readonly task: string | null
  } | null
  openRun(run: string): void
  openTask(run: string, task: string): void
  openTab(tab: string, query?: string): void
  ask(asked: Asked): void
}

export const DagContext = createContext<DagView | null>(null)

export function useDag(): DagView {
  const view = useContext(DagContext)
  if (!view) throw new Error('This part belongs into the DAG page.')
  return view
}
