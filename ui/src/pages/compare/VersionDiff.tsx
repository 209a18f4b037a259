/** What changed in the code between two runs: in the file as each found it, and in what was parsed of it. */
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { codeQuery } from '../../api/queries/dag'
import { diffLines, withContext } from '../../forms/diff'
import { Segmented } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { ErrorBox, Skeleton } from '../../kit/Placeholder'
import { mayReadCode } from '../task/permissions'
import { TextDiff } from '../task/TextDiff'
import styles from './Compare.module.css'
import { type ComparedRun, type CodeForm, changedForms } from './model'

export function VersionDiff(props: { dagId: string; before: ComparedRun; after: ComparedRun }) {
  const { dagId, before, after } = props
  const forms = changedForms(before, after)
  const [wanted, setWanted] = useState<CodeForm>('source')
  const form = forms.includes(wanted) ? wanted : forms[0]
  const versions = `${before.version ?? '–'} → ${after.version ?? '–'}`
  if (form === undefined) {
    const isSame = before.version === after.version
    const text = isSame ? t('compare.sameVersion', 'The same: {n}', { n: before.version ?? '–' }) : versions
    return <p className="muted">{text}</p>
  }
  if (!mayReadCode()) return <p>{versions}</p>
  return (
    <div className={styles.code}>
      <p className="muted">
        {before.version === after.version
          ? t('compare.onlyText', 'Version {n}, and the text of the file has changed.', { n: before.version ?? '–' })
          : versions}
      </p>
      {forms.length > 1 && (
        <Segmented
          label={t('compare.form', 'What is compared')}
          value={form}
          options={[
            { value: 'source', label: t('code.form.source', 'Source') },
            { value: 'spec', label: t('code.form.parsed', 'As parsed') },
          ]}
          onChange={setWanted}
        />
      )}
      <Changes dagId={dagId} runs={[before.run_id, after.run_id]} form={form} />
    </div>
  )
}

function Changes({ dagId, runs, form }: { dagId: string; runs: readonly string[]; form: CodeForm }) {
  const both = useQueries({
    queries: runs.map((run_id) => codeQuery(dagId, { run_id })),
  })
  const failed = both.find((one) => one.isError)
  if (failed !== undefined) return <ErrorBox error={failed.error} />
  const [a, b] = both.map((one) => one.data)
  if (a === undefined || b === undefined) return <Skeleton rows={4} />
  return <TextDiff lines={withContext(diffLines(a[form] ?? '', b[form] ?? ''))} />
}
