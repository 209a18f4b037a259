/** Which run a view is of. */
import { runMoment } from '../../grid/describe'
import type { GridModel } from '../../grid/model'
import { Select } from '../../kit/Field'
import { t } from '../../kit/i18n'
import styles from './dag.module.css'
import { useWords } from './useWords'

/** A choice of the runs that the matrix has, newest first. */
export function RunPicker(props: { model: GridModel; value: string; onChange: (run: string) => void }) {
  const words = useWords()
  const runs = props.model.runs.toReversed()
  const known = runs.some((run) => run.id === props.value)
  return (
    <Select
      className={styles.picker}
      aria-label={t('run.pick', 'Run')}
      value={props.value}
      options={[
        ...(known ? [] : [{ value: props.value, label: props.value }]),
        ...runs.map((run) => ({
          value: run.id,
          label: [words.time(runMoment(run)), run.state, run.type === 'scheduled' ? '' : run.type.replaceAll('_', ' ')]
            .filter(Boolean)
            .join(' · '),
        })),
      ]}
      onChange={props.onChange}
    />
  )
}
