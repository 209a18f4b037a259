/** A button with a menu, and a button with a popover. Arrow keys, Home, End, first letters, Escape. */
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { createPortal } from 'react-dom'
import { useNavigate } from 'react-router'
import { cx } from './cx'
import { type Align, useFloating } from './floating'
import { focusablesIn } from './focus'
import { Icon, type IconName } from './icons'
import styles from './Menu.module.css'

export type MenuItem =
  | { kind: 'separator' }
  | { kind: 'label'; label: string }
  | {
      kind?: 'item'
      label: string
      icon?: IconName
      hint?: ReactNode
      danger?: boolean
      disabled?: boolean
      /** A choice that is on or off: shown with a tick. */
      checked?: boolean
      /** The menu stays, for choices that one tries. */
      keepOpen?: boolean
      onSelect?: () => void
      /** A page of ours. */
      to?: string
    }

/** To spread over the button that opens. */
export type TriggerProps = {
  ref: RefObject<HTMLButtonElement | null>
  onClick: () => void
  'aria-haspopup': 'menu' | 'dialog'
  'aria-expanded': boolean
  'aria-controls': string | undefined
}

type Trigger = (props: TriggerProps) => ReactNode

function useOpen(kind: 'menu' | 'dialog') {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const close = useCallback((back = true) => {
    setOpen(false)
    if (back) anchor.current?.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      const target = event.target as Node
      if (!box.current?.contains(target) && !anchor.current?.contains(target)) close(false)
    }
    document.addEventListener('pointerdown', outside, true)
    return () => document.removeEventListener('pointerdown', outside, true)
  }, [open, close])
  const trigger: TriggerProps = {
    ref: anchor,
    onClick: () => setOpen((is) => !is),
    'aria-haspopup': kind,
    'aria-expanded': open,
    'aria-controls': open ? id : undefined,
  }
  return { open, close, anchor, box, id, trigger }
}

const overlays = () => document.getElementById('overlays') ?? document.body

/** `trigger` draws the button: `(props) => <IconButton icon="more" label="Actions" {...props} />`. */
export function Menu(props: {
  trigger: Trigger
  items: readonly MenuItem[]
  label: string
  align?: Align
  header?: ReactNode
}) {
  const { open, close, anchor, box, id, trigger } = useOpen('menu')
  return (
    <>
      {props.trigger(trigger)}
      {open && createPortal(<OpenMenu {...props} id={id} anchor={anchor} box={box} close={close} />, overlays())}
    </>
  )
}

type OpenProps = {
  id: string
  items: readonly MenuItem[]
  label: string
  align?: Align
  header?: ReactNode
  anchor: RefObject<HTMLElement | null>
  box: RefObject<HTMLDivElement | null>
  close: (back?: boolean) => void
}

function OpenMenu({ id, items, label, align, header, anchor, box, close }: OpenProps) {
  const style = useFloating(anchor, box, true, align)
  const navigate = useNavigate()
  const buttons = () => [
    ...(box.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled])') ?? []),
  ]
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('[role^="menuitem"]:not([aria-disabled])')?.focus({ preventScroll: true })
  }, [box])
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = nextIndex(event.key, at, all.length) ?? byLetter(all, at, event.key)
    if (event.key === 'Escape' || event.key === 'Tab') close()
    else if (next === null) return
    else all[next]?.focus()
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      ref={box}
      id={id}
      className={styles.menu}
      style={style}
      role="menu"
      aria-label={label}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {header && (
        <div role="presentation" className={styles.header}>
          {header}
        </div>
      )}
      {items.map((item, i) => {
        if (item.kind === 'separator') return <hr key={i} className={styles.separator} />
        if (item.kind === 'label')
          return (
            <div key={i} className={styles.label} role="presentation">
              {item.label}
            </div>
          )
        return (
          <button
            key={i}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.checked}
            aria-disabled={item.disabled || undefined}
            tabIndex={-1}
            className={cx(styles.item, item.danger && styles.danger)}
            onClick={() => {
              if (item.disabled) return
              if (!item.keepOpen) close()
              item.onSelect?.()
              if (item.to) navigate(item.to)
            }}
          >
            <span className={styles.icon}>
              {item.checked ? <Icon name="check" /> : item.icon ? <Icon name={item.icon} /> : null}
            </span>
            <span className={styles.words}>{item.label}</span>
            {item.hint && <span className={styles.hint}>{item.hint}</span>}
          </button>
        )
      })}
    </div>
  )
}

/** Where the focus goes by an arrow, Home or End; null for other keys. */
export function nextIndex(key: string, at: number, length: number): number | null {
  if (length === 0) return null
  if (key === 'ArrowDown') return (at + 1) % length
  if (key === 'ArrowUp') return (at - 1 + length) % length
  if (key === 'Home') return 0
  return key === 'End' ? length - 1 : null
}

function byLetter(all: HTMLElement[], at: number, key: string): number | null {
  if (key.length !== 1 || key === ' ') return null
  const order = [...all.slice(at + 1), ...all.slice(0, at + 1)]
  const found = order.find((one) => one.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()))
  return found ? all.indexOf(found) : null
}

/** Free content beside a button; Tab past its end closes it. */
export function Popover(props: {
  trigger: Trigger
  label: string
  align?: Align
  width?: number
  children: ReactNode | ((close: () => void) => ReactNode)
}) {
  const { open, close, anchor, box, id, trigger } = useOpen('dialog')
  return (
    <>
      {props.trigger(trigger)}
      {open && createPortal(<OpenPopover {...props} id={id} anchor={anchor} box={box} close={close} />, overlays())}
    </>
  )
}

function OpenPopover(
  props: Omit<OpenProps, 'items' | 'header'> & {
    width?: number
    children: ReactNode | ((close: () => void) => ReactNode)
  },
) {
  const { anchor, box, close } = props
  const style = useFloating(anchor, box, true, props.align)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const first = element.querySelector<HTMLElement>('[data-autofocus]') ?? focusablesIn(element)[0] ?? element
    first.focus({ preventScroll: true })
  }, [box])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' && event.key !== 'Tab') return
    const all = focusablesIn(event.currentTarget as HTMLElement)
    const leaves = document.activeElement === (event.shiftKey ? all[0] : all.at(-1))
    if (event.key === 'Tab' && !leaves) return
    event.preventDefault()
    event.stopPropagation()
    close()
  }
  return (
    <div
      ref={box}
      id={props.id}
      className={styles.popover}
      style={{ ...style, width: props.width }}
      role="dialog"
      aria-label={props.label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {typeof props.children === 'function' ? props.children(close) : props.children}
    </div>
  )
}
