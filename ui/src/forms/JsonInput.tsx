/** JSON as text: mono type, grows with its text, Tab leaves it. Light enough for forms of many fields. */
import styles from './ParamForm.module.css'

export function JsonInput(props: {
  id?: string
  value: string
  label: string
  disabled?: boolean
  invalid?: boolean
  describedBy?: string | undefined
  rows?: number
  onChange: (text: string) => void
}) {
  const lines = props.value.split('\n').length
  return (
    <textarea
      id={props.id}
      className={`${styles.area} ${styles.json}`}
      rows={props.rows ?? Math.min(14, Math.max(2, lines))}
      value={props.value}
      aria-label={props.id === undefined ? props.label : undefined}
      aria-invalid={props.invalid || undefined}
      aria-describedby={props.describedBy}
      disabled={props.disabled}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => props.onChange(event.target.value)}
      onBlur={() => props.onChange(pretty(props.value))}
    />
  )
}

/** Indented, when it is JSON on one line that is better read on several. */
function pretty(text: string): string {
  if (text.includes('\n') || text.length < 60) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text // still being written; the form says what is wrong with it
  }
}
