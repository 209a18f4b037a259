/** Trigger a DAG: a form of its params, the conf as JSON, or an earlier one; or a backfill over a range of dates. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { get, seg, ui } from '../api/client'
import { refreshDag, type TriggerBody, triggerRun, unpause } from '../api/queries/actions'
import { Button } from '../kit/Button'
import { Dialog } from '../kit/Dialog'
import { Checkbox, Field, Input, Segmented, Textarea } from '../kit/Field'
import { t } from '../kit/i18n'
import { ErrorBox, Skeleton } from '../kit/Placeholder'
import { Tabs } from '../kit/Tabs'
import { toast } from '../kit/Toast'
import { BackfillForm, useBackfill } from './BackfillDialog'
import { ConfDiff } from './ConfDiff'
import styles from './Dialogs.module.css'
import type { Json, NamedParam } from './fields'
import { JsonInput } from './JsonInput'
import { ParamForm } from './ParamForm'
import { type ConfState, useConf } from './useConf'

export type PastConf = {
  run_id: string
  state: string | null
  queued: number | null
  conf: Record<string, Json>
}

export type TriggerSpec = {
  dag_id: string
  name: string
  params: NamedParam[]
  /** The latest that differ. */
  confs: PastConf[]
  paused: boolean
  timezone: string
  /** Whether its schedule gives dates that can be filled back. */
  can_backfill: boolean
  perms: string
}

export const triggerQuery = (dagId: string) => ({
  queryKey: ['trigger', dagId],
  queryFn: ({ signal }: { signal: AbortSignal }) => get<TriggerSpec>(ui(`/trigger/${seg(dagId)}`), { signal }),
})

export type TriggerDialogProps = {
  dagId: string
  onClose: () => void
  /** Filled in: of a link, or of a run that is run again. */
  conf?: Record<string, Json> | null
  mode?: 'run' | 'backfill'
  from?: string
  to?: string
}

export function TriggerDialog(props: TriggerDialogProps) {
  const spec = useQuery({ ...triggerQuery(props.dagId), staleTime: 10_000 })
  if (spec.data !== undefined) return <Loaded {...props} spec={spec.data} />
  return (
    <Dialog open onClose={props.onClose} title={titleOf(props.dagId)} width={920}>
      {spec.isError ? (
        <ErrorBox error={spec.error} onRetry={() => void spec.refetch()} />
      ) : (
        <Skeleton rows={6} height={320} />
      )}
    </Dialog>
  )
}

const titleOf = (dagId: string) => t('trigger.title', 'Trigger {dag}', { dag: dagId })

function Loaded(props: TriggerDialogProps & { spec: TriggerSpec }) {
  const { dagId, spec } = props
  const [mode, setMode] = useState(spec.can_backfill ? (props.mode ?? 'run') : 'run')
  const conf = useConf(spec.params, props.conf ?? null)
  const run = useTrigger(props, conf)
  const backfill = useBackfill({ dagId, from: props.from, to: props.to, onClose: props.onClose, conf: conf.conf })
  const main = mode === 'run' ? run : backfill
  const isMade = mode === 'backfill' && backfill.made !== null
  return (
    <Dialog
      open
      onClose={props.onClose}
      onSubmit={main.submit}
      title={titleOf(dagId)}
      width={920}
      footer={
        <>
          {mode === 'run' && spec.paused && (
            <Checkbox
              label={t('trigger.unpause', 'Unpause the DAG: while it is paused the run waits')}
              checked={run.unpause}
              onChange={(event) => run.setUnpause(event.target.checked)}
            />
          )}
          <span className={styles.spacer} />
          <Button onClick={props.onClose}>{isMade ? t('close', 'Close') : t('cancel', 'Cancel')}</Button>
          {!isMade && (
            <Button
              type="submit"
              variant="primary"
              icon={mode === 'run' ? 'play' : 'backfill'}
              busy={main.busy}
              disabled={!main.ready}
              hotkey="↵"
              data-autofocus={conf.fields.length === 0 || undefined}
            >
              {mode === 'run' ? t('trigger.go', 'Trigger') : backfill.label}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.stack}>
        {spec.can_backfill && (
          <Segmented
            label={t('trigger.mode', 'What to start')}
            value={mode}
            options={[
              { value: 'run', label: t('trigger.single', 'Single run') },
              { value: 'backfill', label: t('trigger.backfill', 'Backfill') },
            ]}
            onChange={setMode}
          />
        )}
        {mode === 'backfill' && <BackfillForm state={backfill} />}
        {!isMade && <ConfEditor conf={conf} past={spec.confs} />}
        {mode === 'run' && <Advanced run={run} />}
        {main.error !== null && <ErrorBox error={main.error} />}
      </div>
    </Dialog>
  )
}

/** Form, JSON and previous confs; also used by the trigger page and the embedded form. */
export function ConfEditor({
  conf,
  past,
  locked,
}: {
  conf: ConfState
  past: readonly PastConf[]
  locked?: ReadonlySet<string>
}) {
  const hasForm = conf.fields.length > 0
  const [tab, setTab] = useState(hasForm ? 'form' : 'json')
  const tabs = [
    ...(hasForm ? [{ id: 'form', label: t('trigger.form', 'Form') }] : []),
    { id: 'json', label: t('trigger.json', 'JSON') },
    ...(past.length > 0 ? [{ id: 'past', label: t('trigger.past', 'Previous'), count: past.length }] : []),
  ]
  return (
    <div>
      <Tabs tabs={tabs} value={tab} onChange={setTab} label={t('trigger.conf', 'Configuration')} panelId="conf-panel" />
      <div id="conf-panel" role="tabpanel" aria-label={t('trigger.conf', 'Configuration')} className={styles.panel}>
        {tab === 'form' && (
          <ParamForm
            fields={conf.fields}
            entries={conf.entries}
            errors={conf.errors}
            onChange={conf.change}
            onBlur={conf.blur}
            locked={locked}
          />
        )}
        {tab === 'json' && (
          <div className={styles.json}>
            <JsonInput
              label={t('trigger.confJson', 'Configuration as JSON')}
              value={conf.text}
              rows={Math.min(16, Math.max(4, conf.text.split('\n').length))}
              invalid={conf.textError !== null}
              onChange={conf.setText}
            />
            {conf.textError !== null && (
              <p className={styles.error} role="alert">
                {conf.textError}
              </p>
            )}
          </div>
        )}
        {tab === 'past' && (
          <Previous
            past={past}
            conf={conf}
            onUse={(one) => {
              conf.fill(one)
              setTab(hasForm ? 'form' : 'json')
            }}
          />
        )}
      </div>
    </div>
  )
}

function Previous(props: { past: readonly PastConf[]; conf: ConfState; onUse: (conf: Record<string, Json>) => void }) {
  const [shown, setShown] = useState(0)
  const one = props.past[shown]
  return (
    <div className={styles.previous}>
      <ul>
        {props.past.map((past, index) => (
          <li key={index}>
            <button
              type="button"
              aria-pressed={index === shown}
              onClick={() => setShown(index)}
              className={styles.past}
            >
              <span className="truncate">{past.run_id}</span>
              <span className={`truncate mono muted`}>{JSON.stringify(past.conf)}</span>
            </button>
          </li>
        ))}
      </ul>
      {one !== undefined && (
        <div className={styles.pastDetail}>
          <div className={styles.pastHead}>
            <span className="muted">{t('trigger.diff', 'Against what is filled in now')}</span>
            <Button size="sm" onClick={() => props.onUse(one.conf)}>
              {t('trigger.use', 'Use this')}
            </Button>
          </div>
          <ConfDiff before={props.conf.conf()} after={props.conf.preview(one.conf)} />
        </div>
      )}
    </div>
  )
}

type Run = {
  runId: string
  setRunId: (text: string) => void
  date: string
  setDate: (text: string) => void
  note: string
  setNote: (text: string) => void
  unpause: boolean
  setUnpause: (on: boolean) => void
  submit: () => void
  busy: boolean
  ready: boolean
  error: unknown
}

function useTrigger(props: TriggerDialogProps & { spec: TriggerSpec }, conf: ConfState): Run {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { dagId, spec } = props
  const [runId, setRunId] = useState('')
  const [date, setDate] = useState('')
  const [note, setNote] = useState('')
  const [wake, setWake] = useState(spec.paused)
  const start = useMutation({
    mutationFn: async () => {
      const body: TriggerBody = { conf: conf.conf() }
      if (runId.trim() !== '') body.dag_run_id = runId.trim()
      if (date !== '') body.logical_date = `${date.length === 16 ? `${date}:00` : date}+00:00`
      if (note !== '') body.note = note
      const run = await triggerRun(dagId, body)
      if (spec.paused && wake) await unpause(dagId)
      return run
    },
    onSuccess: (run) => {
      // Asked before closing, which leaves the page of the form.
      const isPage = location.pathname.endsWith('/trigger')
      props.onClose()
      refreshDag(client, [dagId])
      const to = `/dags/${seg(dagId)}/runs/${seg(run.dag_run_id)}`
      toast({
        text: t('trigger.done', 'Triggered {dag}', { dag: dagId }),
        tone: 'ok',
        link: { to, text: t('toast.run', 'Open run') },
      })
      document.dispatchEvent(
        new CustomEvent('tradewind:triggered', { detail: { dag_id: dagId, run_id: run.dag_run_id } }),
      )
      if (isPage) navigate(to)
    },
  })
  return {
    runId,
    setRunId,
    date,
    setDate,
    note,
    setNote,
    unpause: wake,
    setUnpause: setWake,
    submit: () => {
      if (!start.isPending && conf.check()) start.mutate()
    },
    busy: start.isPending,
    ready: true,
    error: start.error,
  }
}

function Advanced({ run }: { run: Run }) {
  return (
    <details className={styles.more}>
      <summary>{t('trigger.advanced', 'Run id, logical date, note')}</summary>
      <div className={styles.two}>
        <Field label={t('trigger.runId', 'Run id')} hint={t('trigger.runIdHint', 'Made from the date when empty')}>
          <Input value={run.runId} spellCheck={false} onChange={(event) => run.setRunId(event.target.value)} />
        </Field>
        <Field label={t('trigger.date', 'Logical date (UTC)')} hint={t('trigger.dateHint', 'Now when empty')}>
          <Input
            type="datetime-local"
            step={1}
            value={run.date}
            onChange={(event) => run.setDate(event.target.value)}
          />
        </Field>
      </div>
      <Field label={t('note', 'Note')}>
        <Textarea rows={2} maxLength={1000} value={run.note} onChange={(event) => run.setNote(event.target.value)} />
      </Field>
    </details>
  )
}
