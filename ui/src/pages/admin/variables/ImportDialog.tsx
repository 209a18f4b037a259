/** Variables from a file: what it would add and change is seen first. */
import { useState } from 'react'
import { post, v1 } from '../../../api/client'
import { Field, Segmented } from '../../../kit/Field'
import { plural, t } from '../../../kit/i18n'
import styles from '../shared/admin.module.css'
import { FormDialog } from '../shared/dialogs'
import { type Entry, planOf, readFile, type VariableRow } from './transfer'

export function ImportDialog(props: { rows: readonly VariableRow[]; onClose: () => void; onDone: () => void }) {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [existing, setExisting] = useState('overwrite')
  const plan = entries && planOf(entries, props.rows)
  const meant = plan ? [...plan.added, ...(existing === 'overwrite' ? plan.changed : [])] : []
  const pick = async (file: File | undefined) => {
    if (!file) return
    try {
      setEntries(readFile(await file.text()))
      setProblem(null)
    } catch (error) {
      setEntries(null)
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const submit = async () => {
    try {
      for (const { key, value, description } of meant)
        await post(v1('/variables'), { key, value, ...(description !== null && { description }) })
    } finally {
      props.onDone()
    }
    return t('variable.imported', '{n} imported', { n: plural(meant.length, 'variable', 'variables') })
  }
  return (
    <FormDialog
      title={t('variable.import', 'Import variables')}
      onClose={props.onClose}
      submit={submit}
      disabled={meant.length === 0}
      submitLabel={
        meant.length ? t('variable.importN', 'Import {n}', { n: meant.length }) : t('variable.importIt', 'Import')
      }
    >
      <Field
        label={t('variable.file', 'JSON file')}
        className={styles.full}
        error={problem}
        hint={t('variable.fileHint', 'One object: each key is a variable, each value a text or any JSON.')}
      >
        <input type="file" accept="application/json,.json" onChange={(event) => void pick(event.target.files?.[0])} />
      </Field>
      {plan && (
        <>
          <p className={styles.full}>
            {t('variable.plan', '{a} new, {b} there already.', { a: plan.added.length, b: plan.changed.length })}
          </p>
          {plan.changed.length > 0 && (
            <div className={styles.full}>
              <Segmented
                label={t('variable.existing', 'Those that are there already')}
                value={existing}
                onChange={setExisting}
                options={[
                  { value: 'overwrite', label: t('variable.overwrite', 'Overwrite') },
                  { value: 'skip', label: t('variable.skip', 'Leave as they are') },
                ]}
              />
            </div>
          )}
          <ul className={styles.names}>
            {meant.slice(0, 12).map((entry) => (
              <li key={entry.key} className="truncate">
                <code>{entry.key}</code> <span className="muted">{entry.value.slice(0, 80)}</span>
              </li>
            ))}
            {meant.length > 12 && (
              <li className="muted">{t('admin.more', 'and {n} more', { n: meant.length - 12 })}</li>
            )}
          </ul>
        </>
      )}
    </FormDialog>
  )
}
