/** The matrix's tools: how many runs, which rows, which way, picture or table. */

import styles from '../../grid/matrix.module.css'
import type { GridModel } from '../../grid/model'
import { IconButton } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { SearchInput, Select } from '../../kit/Field'
import { plural, t } from '../../kit/i18n'
import { Menu } from '../../kit/Menu'
import { type MatrixState, RUN_COUNTS } from './matrixState'

export interface MatrixToolsProps {
  readonly state: MatrixState
  setState(change: Partial<MatrixState>): void
  readonly model: GridModel
  readonly shown: number
  onFold(): void
}

const AROUND: Readonly<Record<string, string>> = {
  up: 'before',
  down: 'after',
  both: 'around',
}

export function MatrixTools({ state, setState, model, shown, onFold }: MatrixToolsProps) {
  const counts = RUN_COUNTS.includes(state.runs as 25) ? RUN_COUNTS : [...RUN_COUNTS, state.runs]
  const hasGroups = model.tasks.some((task) => task.group)
  const [direction = '', ...rest] = state.around.split(':')
  return (
    <div className={styles.bar}>
      <div className={styles.field}>
        <SearchInput value={state.q} onChange={(q) => setState({ q })} label={t('grid.filter', 'Filter tasks')} />
      </div>
      <Chip icon="error" selected={state.failed} onClick={() => setState({ failed: !state.failed })}>
        {t('grid.failed', 'Only failures')}
      </Chip>
      {state.around && (
        <Chip tone="accent" onRemove={() => setState({ around: '' })}>
          {AROUND[direction] ?? 'around'} {rest.join(':')}
        </Chip>
      )}
      <span className={styles.spring} />
      <span className="muted">
        {shown === model.rows ? plural(shown, 'row', 'rows') : `${shown} / ${model.rows} rows`}
      </span>
      <Select
        aria-label={t('grid.runs', 'Runs shown')}
        value={String(state.runs)}
        options={counts.map((count) => ({
          value: String(count),
          label: t('grid.runCount', '{n} runs', { n: count }),
        }))}
        onChange={(value) => setState({ runs: Number(value) })}
      />
      <Menu
        label={t('grid.view', 'View of the matrix')}
        align="end"
        trigger={(props) => <IconButton icon="columns" label={t('grid.view', 'View of the matrix')} {...props} />}
        items={[
          {
            label: t('grid.asPicture', 'Show as picture'),
            checked: !state.table,
            onSelect: () => setState({ table: false }),
          },
          {
            label: t('grid.asTable', 'Show as table'),
            checked: state.table,
            onSelect: () => setState({ table: true }),
          },
          { kind: 'separator' },
          {
            label: t('grid.right', 'Newest at the right'),
            checked: state.newest !== 'left',
            onSelect: () => setState({ newest: 'right' }),
          },
          {
            label: t('grid.left', 'Newest at the left'),
            checked: state.newest === 'left',
            onSelect: () => setState({ newest: 'left' }),
          },
          ...(hasGroups
            ? [
                { kind: 'separator' as const },
                {
                  label: t('grid.fold', 'Open or close all groups'),
                  hint: 'e',
                  onSelect: onFold,
                },
              ]
            : []),
        ]}
      />
    </div>
  )
}
