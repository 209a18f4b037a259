/** The trigger form in place. What the frame's URL fills in is seen, and sent only by a click in here. */
import { type FormEvent, useState } from 'react'
import { get, seg, ui } from '../api/client'
import { triggerRun } from '../api/queries/actions'
import type { Json, NamedParam } from '../forms/fields'
import { JsonInput } from '../forms/JsonInput'
import { ParamForm } from '../forms/ParamForm'
import { useConf } from '../forms/useConf'
import { t } from '../kit/i18n'
import styles from './Embed.module.css'
import { Problem } from './parts'
import { usePolled } from './usePolled'

type Props = {
  dagId: string
  conf: Record<string, Json> | null
  locked: ReadonlySet<string>
  onClose: () => void
  onDone: (runId: string) => void
}

export default function EmbedTrigger(props: Props) {
  const [spec, setSpec] = useState<{ params: NamedParam[] } | null>(null)
  const asked = usePolled(
    async (signal) => {
      const answer = await get<{ params: NamedParam[] }>(ui(`/trigger/${seg(props.dagId)}`), { signal })
      // Once: a form that is being filled in does not change below one's hands.
      setSpec((known) => known ?? answer)
      return answer
    },
    props.dagId,
    () => false,
  )
  if (spec === null) return asked.error ? <Problem error={asked.error} onRetry={asked.refresh} /> : null
  return <Form {...props} params={spec.params} />
}

function Form(props: Props & { params: readonly NamedParam[] }) {
  const conf = useConf(props.params, props.conf)
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy || !conf.check()) return
    setBusy(true)
    triggerRun(props.dagId, { conf: conf.conf() }).then(
      (run) => props.onDone(run.dag_run_id),
      (problem: unknown) => {
        setBusy(false)
        setError(problem instanceof Error ? problem : new Error(String(problem)))
      },
    )
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {conf.fields.length > 0 ? (
        <ParamForm
          fields={conf.fields}
          entries={conf.entries}
          errors={conf.errors}
          onChange={conf.change}
          onBlur={conf.blur}
          locked={props.locked}
        />
      ) : (
        <JsonInput
          label={t('trigger.confJson', 'Configuration as JSON')}
          value={conf.text}
          rows={3}
          onChange={conf.setText}
        />
      )}
      {conf.textError !== null && <p className={styles.error}>{conf.textError}</p>}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error.message}
        </p>
      )}
      <p className={styles.run}>
        <span className={styles.spacer} />
        <button type="button" className={styles.button} onClick={props.onClose}>
          {t('cancel', 'Cancel')}
        </button>
        <button type="submit" className={styles.primary} disabled={busy}>
          ▷ {t('trigger.go', 'Trigger')}
        </button>
      </p>
    </form>
  )
}
