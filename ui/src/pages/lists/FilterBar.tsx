/** Filters over a long list: text, states, everything else in a popover; what is on stands below, and can be kept. */
import { type ReactNode, useState } from 'react'
import { Button, IconButton } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { Checkbox, Field, Input } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { Menu, Popover } from '../../kit/Menu'
import { StateCell } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
import { absolute } from '../../kit/time'
import { useZone } from '../../kit/Time'
import { LateInput } from '../admin/shared/LateInput'
import { fieldOf, isFiltered, type ListFilter, momentOf, without } from './filter'
import styles from './lists.module.css'
import { SavedFilters } from './SavedFilters'

export type FilterField = {
  name: string
  label: string
  /** texts: values with commas; moment: date and time; number: seconds; one: chosen from these. */
  kind: 'texts' | 'moment' | 'number' | 'choice'
  options?: readonly string[]
}

type Props = {
  /** Under which filters are kept. */
  name: string
  filter: ListFilter
  onChange: (change: Record<string, string | readonly string[]>) => void
  onClear: () => void
  /** Search boxes: parameter and what it searches. */
  texts: readonly { name: string; label: string }[]
  states: readonly string[]
  /** Beside the states, for the rarer ones. */
  moreStates?: readonly string[]
  fields: readonly FilterField[]
  children?: ReactNode
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  Array.isArray(value) ? value : value ? [value as string] : []

export function FilterBar(props: Props) {
  const { filter, onChange } = props
  const states = listOf(filter.state)
  const toggle = (state: string) =>
    onChange({ state: states.includes(state) ? states.filter((one) => one !== state) : [...states, state] })
  const inPopover = props.fields.reduce((sum, field) => sum + (listOf(filter[field.name]).length > 0 ? 1 : 0), 0)
  return (
    <div className={styles.filters}>
      <div className={styles.bar}>
        {props.texts.map((text) => (
          <LateInput
            key={text.name}
            label={text.label}
            value={String(filter[text.name] ?? '')}
            onChange={(value) => onChange({ [text.name]: value })}
          />
        ))}
        {props.states.map((state) => (
          <Chip key={state} selected={states.includes(state)} onClick={() => toggle(state)}>
            <span className={styles.state}>
              <StateCell state={state} size={12} />
              {stateLabel(state)}
            </span>
          </Chip>
        ))}
        {props.moreStates && (
          <Menu
            label={t('lists.moreStates', 'More states')}
            items={props.moreStates.map((state) => ({
              label: stateLabel(state),
              checked: states.includes(state),
              keepOpen: true,
              onSelect: () => toggle(state),
            }))}
            trigger={(trigger) => <IconButton icon="more" label={t('lists.moreStates', 'More states')} {...trigger} />}
          />
        )}
        <Popover
          label={t('lists.filters', 'Filters')}
          width={480}
          trigger={(trigger) => (
            <Button size="sm" icon="filter" {...trigger}>
              {t('lists.filters', 'Filters')}
              {inPopover > 0 && <span className={styles.count}>{inPopover}</span>}
            </Button>
          )}
        >
          <Fields fields={props.fields} filter={filter} onChange={onChange} />
        </Popover>
        <SavedFilters name={props.name} filter={filter} onClear={props.onClear} />
        {isFiltered(filter) && (
          <Button size="sm" variant="ghost" icon="close" onClick={props.onClear}>
            {t('filter.clear', 'Clear filters')}
          </Button>
        )}
        {props.children}
      </div>
      <OnChips fields={props.fields} {...{ filter, onChange }} moreStates={props.moreStates ?? []} />
    </div>
  )
}

function Fields(props: Pick<Props, 'fields' | 'filter' | 'onChange'>) {
  const { filter, onChange } = props
  return (
    <div className={styles.fields}>
      {props.fields.map((field) => (
        <Field key={field.name} label={field.label} className={field.kind === 'choice' ? styles.wide : undefined}>
          <Control field={field} value={filter[field.name]} onChange={(value) => onChange({ [field.name]: value })} />
        </Field>
      ))}
      <p className={styles.hint}>{t('lists.hint', 'Several values with commas; times are UTC.')}</p>
    </div>
  )
}

function Control(props: {
  field: FilterField
  value: string | readonly string[] | undefined
  onChange: (value: string | readonly string[]) => void
}) {
  const { field, onChange } = props
  const values = listOf(props.value)
  if (field.kind === 'choice')
    return (
      <span className={styles.choices}>
        {(field.options ?? []).map((option) => (
          <Checkbox
            key={option}
            label={option.replaceAll('_', ' ')}
            checked={values.includes(option)}
            onChange={(event) =>
              onChange(event.target.checked ? [...values, option] : values.filter((one) => one !== option))
            }
          />
        ))}
      </span>
    )
  if (field.kind === 'texts') return <Texts values={values} onChange={onChange} />
  return (
    <Input
      type={field.kind === 'moment' ? 'datetime-local' : 'number'}
      min={field.kind === 'number' ? 0 : undefined}
      value={field.kind === 'moment' ? fieldOf(values[0] ?? '') : (values[0] ?? '')}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

function Texts(props: { values: readonly string[]; onChange: (values: readonly string[]) => void }) {
  const [text, setText] = useState(props.values.join(', '))
  const done = () =>
    props.onChange(
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
  return (
    <Input
      value={text}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => event.key === 'Enter' && done()}
    />
  )
}

/** The filters that the bar does not show otherwise, each with a cross. */
function OnChips(props: Pick<Props, 'fields' | 'filter' | 'onChange'> & { moreStates: readonly string[] }) {
  const { filter, onChange } = props
  const zone = useZone()
  const labels = new Map(props.fields.map((field) => [field.name, field]))
  const exact: readonly [string, string][] = [
    ['dag_id', t('lists.dag', 'DAG')],
    ['run_id', t('lists.run', 'Run')],
    ['task_id', t('lists.task', 'Task')],
    ['logical_date', t('lists.logical', 'Logical date')],
  ]
  const chips: { name: string; label: string; value: string; text: string }[] = []
  for (const [name, label] of [...exact, ...[...labels].map(([key, field]) => [key, field.label] as const)]) {
    for (const value of listOf(filter[name])) {
      const isMoment = labels.get(name)?.kind === 'moment' || name === 'logical_date'
      const at = isMoment ? Date.parse(momentOf(value, false)) : Number.NaN
      chips.push({ name, label, value, text: Number.isNaN(at) ? value : absolute(at, zone) })
    }
  }
  for (const value of listOf(filter.state))
    if (props.moreStates.includes(value))
      chips.push({ name: 'state', label: t('lists.state', 'State'), value, text: stateLabel(value) })
  if (chips.length === 0) return null
  return (
    <div className={styles.on}>
      {chips.map((chip) => (
        <Chip
          key={`${chip.name} ${chip.value}`}
          tone="accent"
          title={`${chip.label}: ${chip.text}`}
          onRemove={() => onChange(without(filter, chip.name, chip.value))}
        >
          {chip.label}: {chip.text}
        </Chip>
      ))}
    </div>
  )
}
