/** Form parts. `Field` gives label, hint and error to the control inside it. */
import { type ComponentProps, createContext, type ReactNode, useContext, useEffect, useId, useRef } from 'react'
import { cx } from './cx'
import styles from './Field.module.css'
import { t } from './i18n'
import { Icon, type IconName } from './icons'

type Given = { id: string; describedBy: string | undefined; invalid: boolean; required: boolean }
const FieldContext = createContext<Given | null>(null)

/** What a control of one's own spreads over its element to belong to the Field around it. */
export function useField(): Record<string, string | boolean | undefined> {
  const field = useContext(FieldContext)
  if (!field) return {}
  return {
    id: field.id,
    'aria-describedby': field.describedBy,
    'aria-invalid': field.invalid || undefined,
    'aria-required': field.required || undefined,
  }
}

/** Label above, control, hint or error below. */
export function Field(props: {
  label: ReactNode
  hint?: ReactNode
  error?: string | null | undefined
  required?: boolean
  children: ReactNode
  className?: string
}) {
  const id = useId()
  const note = props.error ? `${id}-error` : props.hint ? `${id}-hint` : undefined
  return (
    <div className={cx(styles.field, props.className)}>
      <label htmlFor={id} className={styles.label}>
        {props.label}
        {props.required && (
          <span className={styles.required} title={t('field.required', 'Required')} aria-hidden="true">
            *
          </span>
        )}
      </label>
      <FieldContext.Provider
        value={{ id, describedBy: note, invalid: !!props.error, required: props.required ?? false }}
      >
        {props.children}
      </FieldContext.Provider>
      {props.error ? (
        <p id={note} className={styles.error}>
          {props.error}
        </p>
      ) : (
        props.hint && (
          <p id={note} className={styles.hint}>
            {props.hint}
          </p>
        )
      )}
    </div>
  )
}

/** One line of text. `icon` stands at its start. */
export function Input({ icon, className, ...rest }: { icon?: IconName } & ComponentProps<'input'>) {
  const field = useField()
  const input = <input {...field} {...rest} className={cx(styles.control, icon && styles.withIcon, className)} />
  if (!icon) return input
  return (
    <span className={styles.iconBox}>
      <Icon name={icon} />
      {input}
    </span>
  )
}

/** A search box: its cross empties it. `label` is its name and placeholder. */
export function SearchInput(props: {
  value: string
  onChange: (text: string) => void
  label: string
  className?: string
  inputRef?: React.Ref<HTMLInputElement>
}) {
  return (
    <Input
      ref={props.inputRef}
      type="search"
      icon="search"
      value={props.value}
      placeholder={props.label}
      aria-label={props.label}
      className={props.className}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => props.onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // First it empties, then it leaves the box; the drawer behind stays.
        event.stopPropagation()
        event.nativeEvent.stopImmediatePropagation()
        if (props.value) props.onChange('')
        else event.currentTarget.blur()
      }}
    />
  )
}

/** Several lines. */
export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...useField()} {...rest} className={cx(styles.control, styles.area, className)} />
}

export type Option = { value: string; label: string; disabled?: boolean }

/** The browser's own choice of one: works everywhere, with every key. */
export function Select({
  options,
  onChange,
  className,
  ...rest
}: { options: readonly (Option | string)[]; onChange: (value: string) => void } & Omit<
  ComponentProps<'select'>,
  'onChange'
>) {
  return (
    <span className={cx(styles.selectBox, className)}>
      <select
        {...useField()}
        {...rest}
        className={cx(styles.control, styles.select)}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => {
          const one = typeof option === 'string' ? { value: option, label: option } : option
          return (
            <option key={one.value} value={one.value} disabled={one.disabled}>
              {one.label}
            </option>
          )
        })}
      </select>
      <Icon name="chevronDown" size={12} />
    </span>
  )
}

/** A tick with its words; `indeterminate`: some of many. */
export function Checkbox({
  label,
  indeterminate = false,
  hideLabel,
  className,
  ...rest
}: { label: ReactNode; indeterminate?: boolean; hideLabel?: boolean } & Omit<ComponentProps<'input'>, 'type'>) {
  const ref = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (ref.current) ref.current.indeterminate = indeterminate
  }, [indeterminate])
  if (hideLabel)
    return (
      <label className={cx(styles.check, className)}>
        <input ref={ref} type="checkbox" aria-label={typeof label === 'string' ? label : undefined} {...rest} />
      </label>
    )
  return (
    <label className={cx(styles.check, className)}>
      <input ref={ref} type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  )
}

/** One of a few, all of them seen: a row of joined buttons. */
export function Segmented<T extends string>(props: {
  label: string
  value: T
  options: readonly { value: T; label: ReactNode; title?: string; count?: number }[]
  onChange: (value: T) => void
}) {
  const name = useId()
  return (
    <fieldset className={styles.segmented}>
      <legend className="visually-hidden">{props.label}</legend>
      {props.options.map((option) => (
        <label key={option.value} className={styles.segment} title={option.title}>
          <input
            type="radio"
            name={name}
            className="visually-hidden"
            checked={option.value === props.value}
            onChange={() => props.onChange(option.value)}
          />
          {option.label}
          {option.count !== undefined && <span className="muted">{option.count}</span>}
        </label>
      ))}
    </fieldset>
  )
}
