/** On or off, at once. */
import type { ReactNode } from 'react'
import { cx } from './cx'
import styles from './Switch.module.css'

/** `label` names it; shown beside it with `showLabel`. */
export function Switch(props: {
  checked: boolean
  onChange: (checked: boolean) => void
  label: string
  showLabel?: ReactNode
  disabled?: boolean
  title?: string
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={props.checked}
      aria-label={props.label}
      title={props.title ?? props.label}
      disabled={props.disabled}
      className={cx(styles.switch, props.checked && styles.on)}
      onClick={() => props.onChange(!props.checked)}
    >
      <span className={styles.track} />
      {props.showLabel && <span>{props.showLabel}</span>}
    </button>
  )
}
