/** Buttons: with words, or an icon with a name. */
import type { ComponentProps, ReactNode } from 'react'
import { Link, type LinkProps } from 'react-router'
import styles from './Button.module.css'
import { cx } from './cx'
import { Icon, type IconName } from './icons'

type Look = { variant?: 'primary' | 'default' | 'ghost' | 'danger'; size?: 'sm' | 'md'; icon?: IconName }

const lookOf = ({ variant = 'default', size = 'md' }: Look, ...more: (string | false | undefined)[]) =>
  cx(styles.button, styles[variant], size === 'sm' && styles.sm, ...more)

/** `busy`: shows that it works, and takes no second click. `hotkey`: shown at its end. */
export function Button({
  variant,
  size,
  icon,
  busy,
  hotkey,
  children,
  className,
  ...rest
}: Look & { busy?: boolean; hotkey?: string } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      className={lookOf({ variant, size }, className)}
      aria-busy={busy || undefined}
      disabled={rest.disabled || busy}
    >
      {icon && <Icon name={icon} />}
      {children}
      {hotkey && <kbd aria-hidden="true">{hotkey}</kbd>}
    </button>
  )
}

/** A square button; `label` is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  variant = 'ghost',
  size,
  className,
  pressed,
  ...rest
}: Look & { icon: IconName; label: string; pressed?: boolean } & Omit<ComponentProps<'button'>, 'children'>) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      {...rest}
      className={lookOf({ variant, size }, styles.square, className)}
    >
      <Icon name={icon} />
    </button>
  )
}

/** A link that looks like a button. */
export function LinkButton({
  variant,
  size,
  icon,
  children,
  className,
  ...rest
}: Look & { children: ReactNode } & LinkProps) {
  return (
    <Link {...rest} className={lookOf({ variant, size }, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  )
}
