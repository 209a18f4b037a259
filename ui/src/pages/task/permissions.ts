/** What the visitor may do to runs and task instances of a DAG. What may not be done is not shown. */
import { can, canDag, getBoot } from '../../api/boot'

export const mayEditTasks = (dagId: string): boolean => canDag('can_edit', dagId) && can('can_edit', 'Task Instances')
export const mayEditRuns = (dagId: string): boolean => canDag('can_edit', dagId) && can('can_edit', 'DAG Runs')
export const mayTrigger = (dagId: string): boolean => canDag('can_edit', dagId) && can('can_create', 'DAG Runs')
export const mayDeleteRuns = (dagId: string): boolean => canDag('can_edit', dagId) && can('can_delete', 'DAG Runs')
export const mayReadXComs = (): boolean => can('can_read', 'XComs')
export const mayEditXComs = (dagId: string): boolean => mayEditTasks(dagId) && getBoot().flags.xcom_writes === true
export const mayDeleteXComs = (): boolean => can('can_delete', 'XComs')
export const mayReadCode = (): boolean => can('can_read', 'DAG Code')
export const mayReadAudit = (): boolean => can('can_read', 'Audit Logs')
