/** The dialogs that every view may open. Each is shown by rendering it and goes by `onClose`. */
export { BackfillDialog, type BackfillDialogProps } from './BackfillDialog'
export { BulkDialog, type BulkDialogProps } from './BulkDialog'
export { ClearDialog, MarkDialog, type ScopeDialogProps, type TaskTarget } from './ScopeDialog'
export { DeleteRunDialog, NoteDialog, type NoteTarget } from './SmallDialogs'
export { TriggerDialog, type TriggerDialogProps } from './TriggerDialog'
