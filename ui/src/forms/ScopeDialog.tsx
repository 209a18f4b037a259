/** Clear or mark task instances: which ones besides (past, future, upstream, downstream), seen before it is done. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  applyTasks,
  type BulkFilter,
  type Instance,
  planTasks,
  refreshDag,
  type Scope,
  type TaskAction,
  type TaskPlanRow,
  type TaskWish,
} from '../api/queries/actions'
import { Button } from '../kit/Button'
import { Dialog } from '../kit/Dialog'
import { Checkbox, Field, Input, Segmented, Textarea } from '../kit/Field'
import { number, plural, t } from '../kit/i18n'
import { ErrorBox } from '../kit/Placeholder'
import { StateCounts } from '../kit/StateBadge'
import { toast } from '../kit/Toast'
import styles from './Dialogs.module.css'
import { keyOf, PlanList } from './PlanList'

/** Task instances named one by one, or whatever matches a filter. */
export type TaskTarget = { instances: readonly Instance[] } | { filter: BulkFilter }

export type ScopeDialogProps = {
  target: TaskTarget
  onClose: () => void
  onDone?: (count: number) => void
  /** What it says above; default is made of the target. */
  title?: string
  preset?: Scope
}

/** Above this many, the number has to be typed. */
export const ASK_ABOVE = 100

/** Clears: they run again. Downstream is on at first, as in Airflow. */
export function ClearDialog(props: ScopeDialogProps) {
  return <ScopeDialog {...props} action="clear" preset={{ include_downstream: true, ...props.preset }} />
}

/** Marks as success, failed or skipped. */
export function MarkDialog(props: ScopeDialogProps & { state: 'success' | 'failed' | 'skipped' }) {
  return <ScopeDialog {...props} action={props.state} />
}

const VERBS: Record<TaskAction, { verb: string; done: string }> = {
  clear: { verb: 'Clear', done: 'Cleared' },
  success: { verb: 'Mark as success', done: 'Marked as success' },
  failed: { verb: 'Mark as failed', done: 'Marked as failed' },
  skipped: { verb: 'Mark as skipped', done: 'Marked as skipped' },
}

const TOGGLES: readonly { key: keyof Scope; label: string; title: string }[] = [
  { key: 'include_past', label: 'Past', title: 'The same tasks in all earlier runs' },
  { key: 'include_future', label: 'Future', title: 'The same tasks in all later runs' },
  { key: 'include_upstream', label: 'Upstream', title: 'All that these tasks need' },
  { key: 'include_downstream', label: 'Downstream', title: 'All that needs these tasks' },
  { key: 'only_failed', label: 'Only failed', title: 'Of all these, only what failed or was upstream of a failure' },
  {
    key: 'include_nested_dags',
    label: 'Nested DAGs',
    title: 'Tasks of other DAGs that external task markers of these name',
  },
]

const ONLY_CLEAR: ReadonlySet<keyof Scope> = new Set(['only_failed', 'include_nested_dags'])

function ScopeDialog(props: ScopeDialogProps & { action: TaskAction }) {
  const client = useQueryClient()
  const [action, setAction] = useState(props.action)
  const [scope, setScope] = useState<Scope>(props.preset ?? {})
  const [unchecked, setUnchecked] = useState<ReadonlyMap<string, Instance>>(new Map())
  const [note, setNote] = useState('')
  const [typed, setTyped] = useState('')
  const wish: TaskWish = { action, filter: filterOf(props.target), ...scope }
  const plan = useQuery({
    queryKey: ['plan', 'tasks', wish],
    queryFn: ({ signal }) => planTasks({ ...wish, prevent_running_task: false }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const total = plan.data?.total ?? 0
  const count = total - unchecked.size
  const words = VERBS[action]
  const apply = useMutation({
    mutationFn: () =>
      applyTasks(
        {
          ...wish,
          ...(unchecked.size > 0 && { filter: { ...wish.filter, except: [...unchecked.values()] } }),
          ...(note !== '' && { note }),
        },
        count,
      ),
    onSuccess: (result) => {
      const rows = plan.data?.sample ?? []
      refreshDag(client, [...new Set(rows.map((row) => row.dag_id))])
      toast({
        text: `${words.done}: ${plural(result.total, 'task instance', 'task instances')}`,
        tone: 'ok',
        ...linkOf(rows),
      })
      props.onDone?.(result.total)
      props.onClose()
    },
  })
  const mustType = count > ASK_ABOVE
  const ready = plan.isSuccess && !plan.isPlaceholderData && count > 0 && (!mustType || typed.trim() === String(count))
  const submit = () => {
    if (ready && !apply.isPending) apply.mutate()
  }
  const toggle = (key: keyof Scope) => {
    setScope({ ...scope, [key]: !scope[key] })
    setUnchecked(new Map())
  }
  const flip = (row: TaskPlanRow) => {
    const next = new Map(unchecked)
    if (!next.delete(keyOf(row))) next.set(keyOf(row), instanceOf(row))
    setUnchecked(next)
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={submit}
      title={props.title ?? titleOf(action, props.target)}
      width={760}
      footer={
        <>
          {mustType && (
            <Input
              className={styles.typed}
              value={typed}
              inputMode="numeric"
              aria-label={t('bulk.type', 'Type {n} to confirm', { n: count })}
              placeholder={t('bulk.type', 'Type {n} to confirm', { n: count })}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          <span className={styles.spacer} />
          <Button onClick={props.onClose}>{t('cancel', 'Cancel')}</Button>
          <Button
            type="submit"
            variant={action === 'failed' ? 'danger' : 'primary'}
            busy={apply.isPending}
            // Not disabled: it has the focus while the plan is made, and Enter must find it.
            aria-disabled={!ready}
            hotkey="↵"
            data-autofocus={mustType ? undefined : true}
          >
            {words.verb} {plan.isSuccess ? plural(count, 'task', 'tasks') : ''}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <fieldset className={styles.scope}>
          <legend className="visually-hidden">{t('clear.scope', 'Which besides')}</legend>
          {TOGGLES.filter((one) => action === 'clear' || !ONLY_CLEAR.has(one.key)).map((one) => (
            <Button
              key={one.key}
              size="sm"
              aria-pressed={scope[one.key] === true}
              title={one.title}
              onClick={() => toggle(one.key)}
            >
              {one.label}
            </Button>
          ))}
          {action !== 'clear' && (
            <Segmented
              label={t('mark.as', 'Mark as')}
              value={action}
              options={[
                { value: 'success', label: 'Success' },
                { value: 'failed', label: 'Failed' },
                { value: 'skipped', label: 'Skipped' },
              ]}
              onChange={setAction}
            />
          )}
        </fieldset>
        {plan.isError ? (
          <ErrorBox error={plan.error} onRetry={() => void plan.refetch()} />
        ) : (
          <>
            <div className={styles.summary} aria-live="polite">
              <strong>{plan.isPending ? ' ' : plural(count, 'task instance', 'task instances')}</strong>
              {plan.data && <StateCounts counts={plan.data.by_state} />}
              {unchecked.size > 0 && <span className="muted">{number(unchecked.size)} left out</span>}
            </div>
            <PlanList
              rows={plan.data?.sample ?? []}
              total={total}
              loading={plan.isPending}
              stale={plan.isPlaceholderData}
              unchecked={unchecked}
              onFlip={flip}
              onAll={(on) =>
                setUnchecked(
                  on ? new Map() : new Map((plan.data?.sample ?? []).map((row) => [keyOf(row), instanceOf(row)])),
                )
              }
              empty={emptyText(action, scope)}
            />
          </>
        )}
        {action === 'clear' && (plan.data?.by_state.running ?? 0) > 0 && (
          <Checkbox
            label={t('clear.prevent', 'Change nothing while one of them is running')}
            checked={scope.prevent_running_task === true}
            onChange={(event) => setScope({ ...scope, prevent_running_task: event.target.checked })}
          />
        )}
        <details className={styles.more}>
          <summary>{t('note', 'Note')}</summary>
          <Field label={t('note.label', 'Kept with each task instance')}>
            <Textarea rows={3} value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} />
          </Field>
        </details>
        {apply.isError && <ErrorBox error={apply.error} />}
      </div>
    </Dialog>
  )
}

function filterOf(target: TaskTarget): BulkFilter {
  return 'filter' in target ? target.filter : { task_instances: target.instances.map(instanceOf) }
}

function instanceOf(row: Instance): Instance {
  const { dag_id, dag_run_id, task_id, map_index } = row
  return { dag_id, dag_run_id, task_id, ...(map_index !== undefined && { map_index }) }
}

function titleOf(action: TaskAction, target: TaskTarget): string {
  const { verb } = VERBS[action]
  if ('filter' in target) {
    const { task_ids, dag_run_ids, dag_ids } = target.filter
    const what =
      task_ids?.length === 1
        ? task_ids[0]
        : dag_run_ids?.length === 1
          ? dag_run_ids[0]
          : dag_ids?.length === 1
            ? dag_ids[0]
            : null
    return `${verb}: ${what ?? t('scope.chosen', 'what is chosen')}`
  }
  const [only] = target.instances
  if (target.instances.length !== 1 || only === undefined)
    return `${verb}: ${plural(target.instances.length, 'task', 'tasks')}`
  return `${verb}: ${only.task_id}${(only.map_index ?? -1) >= 0 ? ` [${only.map_index}]` : ''}`
}

function emptyText(action: TaskAction, scope: Scope): string {
  if (action === 'clear' && scope.only_failed)
    return t('clear.noneFailed', 'None of these failed. Turn off “Only failed” to clear them all.')
  return action === 'clear'
    ? t('clear.none', 'Nothing here to clear: these tasks have not run.')
    : t('mark.none', 'All of these are in that state already.')
}

function linkOf(rows: readonly TaskPlanRow[]): { link?: { to: string; text: string } } {
  const runs = new Set(
    rows.map((row) => `/dags/${encodeURIComponent(row.dag_id)}/runs/${encodeURIComponent(row.dag_run_id)}`),
  )
  const [only] = runs
  return runs.size === 1 && only !== undefined ? { link: { to: only, text: t('toast.run', 'Open run') } } : {}
}
