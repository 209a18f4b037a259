/** Something done to all runs, or all task instances, that match a filter: counted first, then done in one request. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  applyRuns,
  type BulkFilter,
  planRuns,
  type RunAction,
  type RunWish,
  refreshDag,
  type TaskAction,
} from '../api/queries/actions'
import { Button } from '../kit/Button'
import { Dialog } from '../kit/Dialog'
import { Checkbox, Field, Input, Textarea } from '../kit/Field'
import { number, plural, t } from '../kit/i18n'
import { ErrorBox } from '../kit/Placeholder'
import { StateCounts } from '../kit/StateBadge'
import { toast } from '../kit/Toast'
import styles from './Dialogs.module.css'
import { PlanList } from './PlanList'
import { ASK_ABOVE, ClearDialog, MarkDialog } from './ScopeDialog'

type Common = {
  filter: BulkFilter
  onClose: () => void
  onDone?: (count: number) => void
  title?: string
}

export type BulkDialogProps =
  (Common & { what: 'taskInstances'; action: TaskAction }) | (Common & { what: 'dagRuns'; action: RunAction })

export function BulkDialog(props: BulkDialogProps) {
  if (props.what === 'dagRuns') return <RunsDialog {...props} />
  const { filter, action, ...rest } = props
  if (action === 'clear') return <ClearDialog {...rest} target={{ filter }} preset={{ include_downstream: false }} />
  return <MarkDialog {...rest} target={{ filter }} state={action} />
}

const WORDS: Record<RunAction, { verb: string; done: string; hint: string; danger: boolean }> = {
  clear: { verb: 'Clear', done: 'Cleared', hint: 'Their tasks run again.', danger: false },
  success: { verb: 'Mark as success', done: 'Marked as success', hint: 'Tasks that run are ended.', danger: false },
  failed: { verb: 'Mark as failed', done: 'Marked as failed', hint: 'Tasks that run are ended.', danger: true },
  delete: {
    verb: 'Delete',
    done: 'Deleted',
    hint: 'Runs, their task instances and XComs are gone for good; logs stay on disk.',
    danger: true,
  },
  'trigger-again': {
    verb: 'Run again',
    done: 'Triggered',
    hint: 'For each a new run, with the same conf.',
    danger: false,
  },
}

function RunsDialog(props: Common & { action: RunAction }) {
  const client = useQueryClient()
  const [onlyFailed, setOnlyFailed] = useState(false)
  const [note, setNote] = useState('')
  const [typed, setTyped] = useState('')
  const words = WORDS[props.action]
  const wish: RunWish = { action: props.action, filter: props.filter, ...(onlyFailed && { only_failed: true }) }
  const plan = useQuery({
    queryKey: ['plan', 'runs', wish],
    queryFn: ({ signal }) => planRuns(wish, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const count = plan.data?.total ?? 0
  const apply = useMutation({
    mutationFn: () => applyRuns({ ...wish, ...(note !== '' && { note }) }, count),
    onSuccess: (result) => {
      refreshDag(client, [...new Set((plan.data?.sample ?? []).map((row) => row.dag_id))])
      toast({ text: `${words.done}: ${plural(result.total, 'run', 'runs')}`, tone: 'ok' })
      props.onDone?.(result.total)
      props.onClose()
    },
  })
  const mustType = count > ASK_ABOVE
  const ready = plan.isSuccess && !plan.isPlaceholderData && count > 0 && (!mustType || typed.trim() === String(count))
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={() => {
        if (ready && !apply.isPending) apply.mutate()
      }}
      title={props.title ?? `${words.verb}: runs that match`}
      width={680}
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
            variant={words.danger ? 'danger' : 'primary'}
            busy={apply.isPending}
            // Not disabled: it has the focus while the plan is made, and Enter must find it.
            aria-disabled={!ready}
            hotkey="↵"
            data-autofocus={mustType ? undefined : true}
          >
            {words.verb} {plan.isSuccess ? plural(count, 'run', 'runs') : ''}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <p className="muted">{words.hint}</p>
        {props.action === 'clear' && (
          <Checkbox
            label={t('bulk.onlyFailed', 'Only their failed tasks')}
            checked={onlyFailed}
            onChange={(event) => setOnlyFailed(event.target.checked)}
          />
        )}
        {plan.isError ? (
          <ErrorBox error={plan.error} onRetry={() => void plan.refetch()} />
        ) : (
          <>
            <div className={styles.summary} aria-live="polite">
              <strong>{plan.isPending ? ' ' : plural(count, 'run', 'runs')}</strong>
              {plan.data && <StateCounts counts={plan.data.by_state} />}
            </div>
            <PlanList
              rows={plan.data?.sample ?? []}
              total={count}
              loading={plan.isPending}
              stale={plan.isPlaceholderData}
              unchecked={NONE}
              empty={t('bulk.none', 'No run matches any more.')}
            />
          </>
        )}
        {props.action !== 'delete' && (
          <details className={styles.more}>
            <summary>{t('note', 'Note')}</summary>
            <Field label={t('note.runs', 'Kept with each run')}>
              <Textarea rows={3} value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} />
            </Field>
          </details>
        )}
        {apply.isError && <ErrorBox error={apply.error} />}
        {count > ASK_ABOVE && (
          <p className="muted">{t('bulk.many', '{n} runs: type the number below.', { n: number(count) })}</p>
        )}
      </div>
    </Dialog>
  )
}

const NONE: ReadonlyMap<string, unknown> = new Map()
