/** The fields of a DAG's params: two columns when there is room, one line of words and one control each. */
import { type ChangeEvent, type ReactNode, useId } from 'react'
import { cx } from '../kit/cx'
import { Select } from '../kit/Field'
import { t } from '../kit/i18n'
import { Markdown } from '../kit/Markdown'
import { bySection, type Field, type Json } from './fields'
import { JsonInput } from './JsonInput'
import styles from './ParamForm.module.css'
import { same } from './validate'
import type { Entries, Entry } from './values'

export type ParamFormProps = {
  fields: readonly Field[]
  entries: Entries
  /** Complaints by name, for fields that were left or sent. */
  errors: Readonly<Record<string, string>>
  onChange: (name: string, entry: Entry) => void
  onBlur: (name: string) => void
  /** Names that may not be edited (embed mode). */
  locked?: ReadonlySet<string>
}

export function ParamForm(props: ParamFormProps) {
  return (
    <>
      {bySection(props.fields).map((section) => (
        <fieldset key={section.title} className={styles.section}>
          {section.title !== '' && <legend>{section.title}</legend>}
          <div className={styles.grid}>
            {section.fields.map((field) => (
              <FieldBox key={field.name} {...props} field={field} />
            ))}
          </div>
        </fieldset>
      ))}
    </>
  )
}

function FieldBox(props: ParamFormProps & { field: Field }) {
  const { field, entries, errors, onChange, onBlur } = props
  const id = useId()
  const entry = entries[field.name]
  if (entry === undefined) return null
  const error = errors[field.name]
  const locked = props.locked?.has(field.name) ?? false
  const change = (part: Partial<Entry>) => onChange(field.name, { ...entry, ...part })
  return (
    <div className={cx(styles.field, field.wide && styles.wide)} onBlur={() => onBlur(field.name)}>
      <div className={styles.head}>
        <label htmlFor={id} className={styles.label} title={field.label === field.name ? undefined : field.name}>
          {field.label}
          {field.required && (
            <span className={styles.required} title={t('form.required', 'Required')}>
              <span aria-hidden="true">*</span>
              <span className="visually-hidden">{t('form.required', 'Required')}</span>
            </span>
          )}
        </label>
        {field.description !== '' && field.descriptionMd === '' && (
          <span id={`${id}d`} className={styles.description} title={field.description}>
            {field.description}
          </span>
        )}
        {field.nullable && field.kind !== 'const' && (
          <label className={styles.none}>
            <input
              type="checkbox"
              checked={entry.isNull}
              disabled={locked}
              onChange={(event) => change({ isNull: event.target.checked })}
            />
            {t('form.none', 'no value')}
          </label>
        )}
      </div>
      <Control
        id={id}
        field={field}
        entry={entry}
        disabled={locked || (field.nullable && entry.isNull)}
        invalid={error !== undefined}
        describedBy={error !== undefined ? `${id}e` : field.description !== '' ? `${id}d` : undefined}
        change={change}
      />
      {field.descriptionMd !== '' && (
        <div id={`${id}d`} className={styles.markdown}>
          <Markdown text={field.descriptionMd} />
        </div>
      )}
      {error !== undefined && (
        <p id={`${id}e`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  )
}

type ControlProps = {
  id: string
  field: Field
  entry: Entry
  disabled: boolean
  invalid: boolean
  describedBy: string | undefined
  change: (part: Partial<Entry>) => void
}

function Control(props: ControlProps): ReactNode {
  const { field, entry, change, id } = props
  const common = {
    id,
    disabled: props.disabled,
    'aria-invalid': props.invalid || undefined,
    'aria-describedby': props.describedBy,
    required: field.required && field.kind !== 'string' && field.kind !== 'multiline',
  }
  const typed = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
    change({ text: event.target.value, isNull: false })
  switch (field.kind) {
    case 'const':
      return (
        <output {...{ id }} className={styles.const}>
          {JSON.stringify(field.initial)}
        </output>
      )
    case 'boolean':
      return <BooleanInput {...props} />
    case 'choice':
      return <Choice {...props} />
    case 'choices':
      return <Choices {...props} />
    case 'json':
      return (
        <JsonInput
          id={id}
          value={entry.text}
          disabled={props.disabled}
          invalid={props.invalid}
          describedBy={props.describedBy}
          label={field.label}
          onChange={(text) => change({ text, isNull: false })}
        />
      )
    case 'multiline':
    case 'lines':
      return (
        <textarea
          {...common}
          className={styles.area}
          rows={Math.min(8, Math.max(2, entry.text.split('\n').length))}
          value={entry.text}
          onChange={typed}
          placeholder={field.kind === 'lines' ? t('form.lines', 'one value per line') : undefined}
          maxLength={field.schema.maxLength}
        />
      )
    case 'datetime':
      return <DateTimeInput {...props} />
    case 'date':
      return <input {...common} className={styles.input} type="date" value={entry.text} onChange={typed} />
    case 'time':
      return <input {...common} className={styles.input} type="time" step={1} value={entry.text} onChange={typed} />
    case 'integer':
    case 'number':
      return (
        <input
          {...common}
          className={styles.input}
          type="number"
          inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'}
          min={field.schema.minimum}
          max={field.schema.maximum}
          step={field.schema.multipleOf ?? (field.kind === 'integer' ? 1 : 'any')}
          value={entry.text}
          onChange={typed}
        />
      )
    default:
      return <TextInput {...props} common={common} typed={typed} />
  }
}

function TextInput(
  props: ControlProps & { common: object; typed: (event: ChangeEvent<HTMLInputElement>) => void },
): ReactNode {
  const { field, id } = props
  const list = field.suggestions.length > 0 ? `${id}l` : undefined
  return (
    <>
      <input
        {...props.common}
        className={styles.input}
        type="text"
        spellCheck={false}
        value={props.entry.text}
        onChange={props.typed}
        list={list}
      />
      {list !== undefined && (
        <datalist id={list}>
          {field.suggestions.map((option) => (
            <option key={JSON.stringify(option.value)} value={asText(option.value)}>
              {option.label}
            </option>
          ))}
        </datalist>
      )}
    </>
  )
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function BooleanInput({ id, entry, disabled, describedBy, change }: ControlProps) {
  return (
    <span className={styles.switch}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={entry.value === true}
        checked={entry.value === true}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={(event) => change({ value: event.target.checked, isNull: false })}
      />
      <span aria-hidden="true">{entry.value === true ? 'True' : 'False'}</span>
    </span>
  )
}

function Choice({ id, field, entry, disabled, invalid, describedBy, change }: ControlProps) {
  const chosen = field.options.findIndex((option) => same(option.value, entry.value))
  return (
    <Select
      id={id}
      className={styles.whole}
      value={String(chosen)}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      options={[
        ...(chosen < 0 ? [{ value: '-1', label: entry.value === null ? '' : asText(entry.value) }] : []),
        ...field.options.map((option, index) => ({ value: String(index), label: option.label })),
      ]}
      onChange={(index) => change({ value: field.options[Number(index)]?.value ?? null, isNull: false })}
    />
  )
}

function Choices({ id, field, entry, disabled, describedBy, change }: ControlProps) {
  const held = Array.isArray(entry.value) ? entry.value : []
  const toggle = (value: Json, on: boolean) => {
    const others = held.filter((item) => !same(item, value))
    const order = (item: Json) => field.options.findIndex((option) => same(option.value, item))
    change({ value: on ? [...others, value].sort((a, b) => order(a) - order(b)) : others, isNull: false })
  }
  return (
    <div id={id} role="group" aria-label={field.label} aria-describedby={describedBy} className={styles.choices}>
      {field.options.map((option, index) => (
        <label key={index}>
          <input
            type="checkbox"
            disabled={disabled}
            checked={held.some((item) => same(item, option.value))}
            onChange={(event) => toggle(option.value, event.target.checked)}
          />
          {option.label}
        </label>
      ))}
    </div>
  )
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/

/** Day and time in the zone that the value names; a new value is in UTC. */
function DateTimeInput({ id, entry, disabled, invalid, describedBy, change }: ControlProps) {
  const match = ISO.exec(entry.text)
  const zone = match?.[3] === undefined || match[3] === 'Z' ? '+00:00' : match[3]
  const local = match === null ? '' : `${match[1]}T${match[2]}`
  const pick = (text: string) => {
    const full = text.length === 16 ? `${text}:00` : text
    change({ text: text === '' ? '' : `${full}${zone}`, isNull: false })
  }
  return (
    <span className={styles.zoned}>
      <input
        id={id}
        className={styles.input}
        type="datetime-local"
        step={1}
        value={local}
        disabled={disabled}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        onChange={(event) => pick(event.target.value)}
      />
      <span className={styles.zone}>{zone === '+00:00' ? 'UTC' : zone}</span>
    </span>
  )
}
