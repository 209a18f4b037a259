/** The DAG's source: any version, what changed since another, and the line of a task. */
import { useMemo } from 'react'
import { useCode, useGrid } from '../../../api/queries/dag'
import { Code as Viewer } from '../../../kit/Code'
import { Select } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { ErrorBox, Skeleton } from '../../../kit/Placeholder'
import { useUrlState } from '../../../kit/useUrlState'
import { lineOfTask } from '../../task/codeLine'
import { useDag } from '../context'
import styles from '../dag.module.css'
import { useMatrixState } from '../matrixState'
import { useWords } from '../useWords'

const STATE = { version: '', against: '', find: '' }

export default function CodeTab() {
  const { dagId, head } = useDag()
  const [state, setState] = useUrlState(STATE)
  const [matrix] = useMatrixState()
  const grid = useGrid(dagId, matrix.runs)
  const words = useWords()
  const query = useCode(dagId, state.version || null)
  const other = useCode(dagId, state.against || null)
  const answer = query.data
  const newest = answer?.versions[0]?.number
  const isNewest = !state.version || Number(state.version) === newest
  const isDiff = state.against !== '' && other.data !== undefined
  // Only the newest version's source is kept; two versions are compared by what was parsed of them.
  const isSpec = isDiff || !isNewest
  const text = (isSpec ? answer?.spec : answer?.source) ?? ''
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
        <span className={styles.spring} />
        <code className="muted truncate">{answer.file ?? head?.file}</code>
      </div>
      {state.find && line === null && (
        <p className="muted">
          {t('code.notFound', 'The name of this task is not in the file: it may be made by a loop.')}
        </p>
      )}
      {isSpec && (
        <p className="muted">
          {isDiff
            ? t('code.specDiff', 'What was parsed of the two versions, and what changed.')
            : t('code.spec', 'Of older versions only what was parsed is kept, not the source.')}
        </p>
      )}
      <Viewer
        text={text}
        language={isSpec ? 'json' : 'python'}
        label={t('code.label', 'Source of {dag}', { dag: dagId })}
        line={line}
        against={isDiff ? (other.data?.spec ?? null) : null}
      />
    </div>
  )
}
