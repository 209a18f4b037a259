/** The DAG's source: any version, what changed since another, and the line of a task. */
import { useMemo } from 'react'
import { useCode, useGrid } from '../../../api/queries/dag'
import { Code as Viewer } from '../../../kit/Code'
import { Segmented, Select } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { useUrlState } from '../../../kit/useUrlState'
import { lineOfTask } from '../../task/codeLine'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'
import { useWords } from '../useWords'

const STATE = { version: '', against: '', find: '', form: '' }

export default function CodeTab() {
  const { dagId, head } = useDag()
  const [state, setState] = useUrlState(STATE)
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const words = useWords()
  const query = useCode(dagId, state.version || null)
  const other = useCode(dagId, state.against || null)
  const answer = query.data
  const isDiff = state.against !== '' && other.data !== undefined
  // Texts of long ago are not kept; what was parsed of them is.
  const isKept = answer?.source != null && (!isDiff || other.data?.source != null)
  const form = isKept && state.form !== 'spec' ? 'source' : 'spec'
  const text = answer?.[form] ?? ''
  const line = useMemo(() => (state.find && text ? lineOfTask(text, state.find) : null), [state.find, text])
  if (query.error && !answer) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
  if (!answer) return <Skeleton rows={14} />
  const choices = answer.versions.map((one) => ({
    value: String(one.number),
    label: `v${one.number}${one.created ? ` · ${words.time(one.created)}` : ''}`,
  }))
  const tasks = grid.data?.tasks.filter((task) => !task.group).map((task) => task.id) ?? []
  return (
    <div className={styles.body}>
      <div className={styles.tools}>
        {choices.length > 0 && (
          <Select
            aria-label={t('code.version', 'Version')}
            value={state.version || String(answer.version ?? choices[0]?.value ?? '')}
            options={choices}
            onChange={(version) => setState({ version })}
          />
        )}
        {choices.length > 1 && (
          <Select
            aria-label={t('code.against', 'Compare with')}
            value={state.against}
            options={[
              { value: '', label: t('code.noDiff', 'No comparison') },
              ...choices.map((one) => ({
                ...one,
                label: t('code.diff', 'Changes since {v}', { v: one.label }),
              })),
            ]}
            onChange={(against) => setState({ against })}
          />
        )}
        <Select
          aria-label={t('code.jump', 'Go to a task')}
          value={state.find}
          options={[{ value: '', label: t('code.toTask', 'Go to a task…') }, ...tasks.slice(0, 800)]}
          onChange={(find) => setState({ find })}
        />
        {isKept && (
          <Segmented
            label={t('code.form', 'Show')}
            value={form}
            options={[
              { value: 'source', label: t('code.form.source', 'Source') },
              { value: 'spec', label: t('code.form.parsed', 'As parsed') },
            ]}
            onChange={(value) => setState({ form: value === 'source' ? '' : value })}
          />
        )}
        <span className={styles.spring} />
        <code className="muted truncate">{answer.file ?? head?.file}</code>
      </div>
      {state.find && line === null && (
        <p className="muted">
          {t('code.notFound', 'The name of this task is not in the file: it may be made by a loop.')}
        </p>
      )}
      {!isKept && (
        <p className="muted">
          {t('code.notKept', 'The text of the file is no longer kept of then: this is what was parsed of it.')}
        </p>
      )}
      <Viewer
        text={text}
        language={form === 'spec' ? 'json' : 'python'}
        label={t('code.label', 'Source of {dag}', { dag: dagId })}
        line={line}
        against={isDiff ? (other.data?.[form] ?? null) : null}
      />
    </div>
  )
}
