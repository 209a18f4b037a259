/** Runs for a range of dates: seen first (dry run), then made, then watched. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiError, get, v1 } from '../api/client'
import {
  type Backfill,
  type BackfillPlan,
  type BackfillWish,
  backfillVerb,
  createBackfill,
  type PlannedRun,
  planBackfill,
  type Reprocess,
  refreshDag,
} from '../api/queries/actions'
import { Button, LinkButton } from '../kit/Button'
import { Dialog } from '../kit/Dialog'
import { Checkbox, Field, Input, Select } from '../kit/Field'
import { number, plural, t } from '../kit/i18n'
import { ErrorBox, Skeleton } from '../kit/Placeholder'
import { StateBadge, StateCounts } from '../kit/StateBadge'
import { Time } from '../kit/Time'
import styles from './Dialogs.module.css'
import type { Json } from './fields'

export type BackfillDialogProps = { dagId: string; from?: string; to?: string; onClose: () => void }

/** Days as YYYY-MM-DD, both included. */
export function BackfillDialog(props: BackfillDialogProps) {
  const state = useBackfill(props)
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={state.submit}
      title={t('backfill.title', 'Backfill {dag}', { dag: props.dagId })}
      width={760}
      footer={
        <>
          <span className={styles.spacer} />
          <Button onClick={props.onClose}>{state.made === null ? t('cancel', 'Cancel') : t('close', 'Close')}</Button>
          {state.made === null && (
            <Button
              type="submit"
              variant="primary"
              icon="backfill"
              busy={state.busy}
              disabled={!state.ready}
              hotkey="↵"
            >
              {state.label}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.stack}>
        <BackfillForm state={state} />
        {state.error !== null && <ErrorBox error={state.error} />}
      </div>
    </Dialog>
  )
}

export type BackfillState = {
  wish: BackfillWish
  change: (part: Partial<BackfillWish>) => void
  days: { from: string; to: string }
  setDays: (days: { from: string; to: string }) => void
  plan: PlannedRun[] | null
  planning: boolean
  planError: unknown
  made: Backfill | null
  submit: () => void
  busy: boolean
  ready: boolean
  label: string
  error: unknown
}

const day = (date: Date) => date.toISOString().slice(0, 10)
const DAY_MS = 86_400_000

export function useBackfill(props: BackfillDialogProps & { conf?: () => Record<string, Json> }): BackfillState {
  const client = useQueryClient()
  const [days, setDays] = useState({
    from: props.from ?? day(new Date(Date.now() - 7 * DAY_MS)),
    to: props.to ?? day(new Date(Date.now() - DAY_MS)),
  })
  const [rest, setRest] = useState<Pick<BackfillWish, 'reprocess_behavior' | 'max_active_runs' | 'run_backwards'>>({
    reprocess_behavior: 'none',
    max_active_runs: 10,
    run_backwards: false,
  })
  const wish: BackfillWish = {
    dag_id: props.dagId,
    from_date: days.from === '' ? '' : `${days.from}T00:00:00+00:00`,
    to_date: days.to === '' ? '' : `${days.to}T23:59:59+00:00`,
    ...rest,
  }
  const valid = wish.from_date !== '' && wish.to_date !== '' && wish.from_date <= wish.to_date
  const plan = useQuery({
    queryKey: ['plan', 'backfill', wish],
    queryFn: ({ signal }) => planBackfill(wish, signal),
    placeholderData: keepPreviousData,
    enabled: valid,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const create = useMutation({
    mutationFn: () => {
      const conf = props.conf?.()
      return createBackfill({
        ...wish,
        ...(conf !== undefined && Object.keys(conf).length > 0 && { dag_run_conf: conf }),
      })
    },
    onSuccess: () => refreshDag(client, [props.dagId]),
  })
  const dates = useMemo(() => inOrder(plan.data), [plan.data])
  const runs = plan.data?.backfills.length ?? 0
  return {
    wish,
    change: (part) => setRest({ ...rest, ...part }),
    days,
    setDays,
    plan: plan.data === undefined ? null : dates,
    planning: plan.isFetching,
    planError: plan.error,
    made: create.data ?? null,
    submit: () => {
      if (valid && runs > 0 && !create.isPending && create.data === undefined) create.mutate()
    },
    busy: create.isPending,
    ready: valid && runs > 0 && create.data === undefined,
    label:
      runs > 0 ? t('backfill.go', 'Start {runs}', { runs: plural(runs, 'run', 'runs') }) : t('backfill.start', 'Start'),
    error: create.error,
  }
}

/** Those that run and those that do not in one list, by date. */
function inOrder(plan: BackfillPlan | undefined): PlannedRun[] {
  const all = [...(plan?.backfills ?? []), ...(plan?.skipped ?? [])]
  return all.sort((a, b) => a.logical_date.localeCompare(b.logical_date))
}

const willRun = (run: PlannedRun): boolean => run.action !== 'skip'

const REPROCESS: { value: Reprocess; label: string }[] = [
  { value: 'none', label: 'Missing runs' },
  { value: 'failed', label: 'Missing and failed runs' },
  { value: 'completed', label: 'All runs' },
]

export function BackfillForm({ state }: { state: BackfillState }) {
  if (state.made !== null) return <Progress backfill={state.made} />
  const { days, setDays, wish, change } = state
  const backwards = days.from !== '' && days.to !== '' && days.from > days.to
  return (
    <>
      <div className={styles.four}>
        <Field label={t('backfill.from', 'From')} error={backwards ? t('backfill.order', 'After the end') : null}>
          <Input
            type="date"
            value={days.from}
            data-autofocus
            onChange={(event) => setDays({ ...days, from: event.target.value })}
          />
        </Field>
        <Field label={t('backfill.to', 'To (included)')}>
          <Input type="date" value={days.to} onChange={(event) => setDays({ ...days, to: event.target.value })} />
        </Field>
        <Field label={t('backfill.reprocess', 'Run')}>
          <Select
            value={wish.reprocess_behavior}
            options={REPROCESS}
            onChange={(value) => change({ reprocess_behavior: value as Reprocess })}
          />
        </Field>
        <Field label={t('backfill.active', 'At most at once')}>
          <Input
            type="number"
            min={1}
            value={wish.max_active_runs}
            onChange={(event) => change({ max_active_runs: Math.max(1, Number(event.target.value) || 1) })}
          />
        </Field>
      </div>
      <Checkbox
        label={t('backfill.backwards', 'Latest first')}
        checked={wish.run_backwards}
        onChange={(event) => change({ run_backwards: event.target.checked })}
      />
      <PlanTable state={state} />
    </>
  )
}

const SHOWN = 200

function PlanTable({ state }: { state: BackfillState }) {
  if (state.planError !== null) return <ErrorBox error={state.planError} />
  if (state.plan === null) return state.planning ? <Skeleton rows={4} height={140} /> : null
  const { plan } = state
  if (plan.length === 0)
    return <p className={styles.empty}>{t('backfill.none', 'The schedule has no date in this range.')}</p>
  const runs = plan.filter(willRun).length
  return (
    <>
      <div className={styles.summary} aria-live="polite">
        <strong>{plural(runs, 'run', 'runs')}</strong>
        {runs < plan.length && <span className="muted">{number(plan.length - runs)} left as they are</span>}
      </div>
      <div className={styles.dates} tabIndex={0} role="region" aria-label={t('backfill.plan', 'Dates')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('backfill.date', 'Logical date')}</th>
              <th scope="col">{t('backfill.there', 'There now')}</th>
              <th scope="col">{t('backfill.action', 'What happens')}</th>
            </tr>
          </thead>
          <tbody>
            {plan.slice(0, SHOWN).map((run) => (
              <tr key={run.logical_date} className={willRun(run) ? undefined : 'muted'}>
                <td>
                  <Time at={run.logical_date} mode="absolute" />
                </td>
                <td>{run.state ? <StateBadge state={run.state} /> : '–'}</td>
                <td>{actionOf(run)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {plan.length > SHOWN && (
          <p className={styles.planMore}>{t('plan.more', 'and {n} more', { n: number(plan.length - SHOWN) })}</p>
        )}
      </div>
    </>
  )
}

function actionOf(run: PlannedRun): string {
  if (run.action === 'skip') return run.reason ?? t('backfill.keep', 'Stays as it is')
  return run.action === 'rerun' ? t('backfill.again', 'Runs again') : t('backfill.new', 'New run')
}

const PROGRESS_MS = 3_000

/** How far a backfill is; the page of backfills shows the same. */
function Progress({ backfill }: { backfill: Backfill }) {
  const client = useQueryClient()
  const now = useQuery({
    queryKey: ['backfills', backfill.id],
    queryFn: ({ signal }) => get<Backfill>(v1(`/backfills/${backfill.id}`), { signal }),
    initialData: backfill,
    refetchInterval: ({ state }) => (state.data?.completed_at ? false : PROGRESS_MS),
  })
  const act = useMutation({
    mutationFn: (verb: 'pause' | 'unpause' | 'cancel') => backfillVerb(backfill.id, verb),
    onSuccess: () => client.invalidateQueries({ queryKey: ['backfills'] }),
  })
  const one = now.data
  const { total, ...states } = one.progress
  const done = (states.success ?? 0) + (states.failed ?? 0)
  return (
    <div className={styles.stack} role="status">
      <div className={styles.summary}>
        <strong>
          {one.completed_at
            ? t('backfill.finished', 'Finished')
            : one.is_paused
              ? t('backfill.paused', 'Paused')
              : t('backfill.running', 'Running')}
        </strong>
        <span className="muted">
          {t('backfill.progress', '{done} of {total}', { done: number(done), total: number(total) })}
        </span>
        <StateCounts counts={states} />
      </div>
      <progress
        className={styles.progress}
        value={done}
        max={Math.max(1, total)}
        aria-label={t('backfill.progressLabel', 'Runs finished')}
      />
      <div className={styles.summary}>
        {!one.completed_at && (
          <>
            <Button
              icon={one.is_paused ? 'play' : 'pause'}
              busy={act.isPending}
              onClick={() => act.mutate(one.is_paused ? 'unpause' : 'pause')}
            >
              {one.is_paused ? t('backfill.resume', 'Resume') : t('backfill.pause', 'Pause')}
            </Button>
            <Button icon="stop" busy={act.isPending} onClick={() => act.mutate('cancel')}>
              {t('backfill.cancel', 'Cancel what has not begun')}
            </Button>
          </>
        )}
        <LinkButton to="/backfills" icon="backfill">
          {t('backfill.all', 'All backfills')}
        </LinkButton>
      </div>
      {act.error instanceof ApiError && <ErrorBox error={act.error} />}
    </div>
  )
}
