/** Filters of the DAG list beside its search box; what is chosen is in the URL. */
import { useMemo } from 'react'
import type { DagRow } from '../../api/queries/dags'
import { Button } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { Checkbox, Segmented } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import { Popover } from '../../kit/Menu'
import { stateLabel } from '../../kit/states'
import styles from './dags.module.css'
import { counted, type DagFilter, FILTER, isFiltered } from './filter'

const STATES = ['failed', 'running', 'queued', 'success']
const SHOWN = 50

export function Filters(props: {
  rows: readonly DagRow[]
  filter: DagFilter
  onChange: (change: Partial<DagFilter>) => void
}) {
  const { rows, filter, onChange } = props
  const paused = useMemo(() => rows.filter((row) => row.paused).length, [rows])
  const tags = useMemo(() => counted(rows, (row) => row.tags), [rows])
  const owners = useMemo(() => counted(rows, (row) => row.owners), [rows])
  const states = useMemo(() => new Map(counted(rows, (row) => (row.last ? [row.last.state] : []))), [rows])
  const broken = useMemo(() => rows.filter((row) => row.import_error).length, [rows])
  return (
    <>
      <Segmented
        label={t('dags.show', 'Show')}
        value={filter.show}
        onChange={(show) => onChange({ show })}
        options={[
          { value: 'all', label: t('dags.all', 'All'), count: rows.length },
          { value: 'active', label: t('dags.active', 'Active'), count: rows.length - paused },
          { value: 'paused', label: t('dags.paused', 'Paused'), count: paused },
        ]}
      />
      {STATES.filter((state) => states.get(state) || filter.state.includes(state)).map((state) => (
        <Chip
          key={state}
          selected={filter.state.includes(state)}
          count={states.get(state) ?? 0}
          title={t('dags.lastState', 'Last run: {state}', { state: stateLabel(state) })}
          onClick={() => onChange({ state: toggled(filter.state, state) })}
        >
          {stateLabel(state)}
        </Chip>
      ))}
      <Choice label={t('dags.tags', 'Tags')} values={tags} chosen={filter.tag} onChange={(tag) => onChange({ tag })} />
      <Choice
        label={t('dags.owners', 'Owners')}
        values={owners}
        chosen={filter.owner}
        onChange={(owner) => onChange({ owner })}
      />
      <Chip icon="star" selected={filter.starred} onClick={() => onChange({ starred: !filter.starred })}>
        {t('dags.starred', 'Starred')}
      </Chip>
      {(broken > 0 || filter.errors) && (
        <Chip
          icon="error"
          tone="danger"
          count={broken}
          selected={filter.errors}
          onClick={() => onChange({ errors: !filter.errors })}
        >
          {t('dags.importErrors', 'Import errors')}
        </Chip>
      )}
      {isFiltered(filter) && (
        <Button
          size="sm"
          variant="ghost"
          icon="close"
          onClick={() => {
            const { group: _group, sort: _sort, ...nothing } = FILTER
            onChange(nothing)
          }}
        >
          {t('filter.clear', 'Clear filters')}
        </Button>
      )}
    </>
  )
}

function toggled(values: readonly string[], one: string): string[] {
  return values.includes(one) ? values.filter((value) => value !== one) : [...values, one]
}

function Choice(props: {
  label: string
  values: readonly [string, number][]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  if (props.values.length === 0 && props.chosen.length === 0) return null
  const named = props.chosen.length ? `${props.label}: ${props.chosen.join(', ')}` : props.label
  return (
    <Popover
      label={props.label}
      width={240}
      trigger={(trigger) => (
        <Button size="sm" icon="filter" className={props.chosen.length ? styles.chosen : undefined} {...trigger}>
          {named}
        </Button>
      )}
    >
      <div className={styles.choice}>
        {props.values.slice(0, SHOWN).map(([value, count]) => (
          <Checkbox
            key={value}
            checked={props.chosen.includes(value)}
            onChange={() => props.onChange(toggled(props.chosen, value))}
            label={
              <span className={styles.choiceLine}>
                <span>{value}</span>
                <span className="muted">{number(count)}</span>
              </span>
            }
          />
        ))}
      </div>
    </Popover>
  )
}
