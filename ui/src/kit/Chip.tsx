/** Small labels: tags, counts, filters that are on. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import styles from './Chip.module.css'
import { cx } from './cx'
import { number, t } from './i18n'
import { Icon, type IconName } from './icons'

export type ChipProps = {
  children: ReactNode
  tone?: 'plain' | 'ok' | 'warn' | 'danger' | 'accent'
  icon?: IconName
  count?: number
  /** Makes it a toggle. */
  selected?: boolean
  onClick?: () => void
  /** Makes it a link. */
  to?: string
  /** Adds a cross. */
  onRemove?: () => void
  title?: string
}

/** A label; a toggle with `onClick`, a link with `to`. */
export function Chip(props: ChipProps) {
  const name = cx(styles.chip, styles[props.tone ?? 'plain'], props.selected && styles.selected)
  const inner = (
    <>
      {props.icon && <Icon name={props.icon} size={14} />}
      <span className={styles.text}>{props.children}</span>
      {props.count !== undefined && <span className={styles.count}>{number(props.count)}</span>}
    </>
  )
  if (props.to)
    return (
      <Link to={props.to} className={cx(name, styles.active)} title={props.title}>
        {inner}
      </Link>
    )
  if (props.onClick)
    return (
      <button
        type="button"
        className={cx(name, styles.active)}
        aria-pressed={props.selected}
        onClick={props.onClick}
        title={props.title}
      >
        {inner}
      </button>
    )
  return (
    <span className={name} title={props.title}>
      {inner}
      {props.onRemove && (
        <button
          type="button"
          className={styles.remove}
          onClick={props.onRemove}
          aria-label={t('chip.remove', 'Remove')}
        >
          <Icon name="close" size={12} />
        </button>
      )}
    </span>
  )
}
