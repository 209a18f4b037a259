/** Tabs: as links when they are part of the URL (the usual case), else a tab list. */
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { cx } from './cx'
import { number } from './i18n'
import { nextIndex } from './Menu'
import styles from './Tabs.module.css'

export type Tab = { id: string; label: string; count?: number | undefined; to?: string }

const ARROWS: Record<string, string> = { ArrowRight: 'ArrowDown', ArrowLeft: 'ArrowUp' }

/** `to` on the tabs makes links (history has one entry per tab); without, `onChange` is called. `panelId` names the
 * element that they switch. */
export function Tabs(props: {
  tabs: readonly Tab[]
  value: string
  label: string
  onChange?: (id: string) => void
  panelId?: string
  replace?: boolean
}) {
  const ref = useRef<HTMLDivElement>(null)
  const { value } = props
  useEffect(() => {
    const shown = ref.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(value)}"]`)
    shown?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
  }, [value])
  const inner = (tab: Tab) => (
    <>
      {tab.label}
      {tab.count !== undefined && <span className={styles.count}>{number(tab.count)}</span>}
    </>
  )
  if (props.tabs.some((tab) => tab.to))
    return (
      <nav ref={ref} className={styles.tabs} aria-label={props.label}>
        {props.tabs.map((tab) => (
          <Link
            key={tab.id}
            to={tab.to ?? '.'}
            replace={props.replace}
            preventScrollReset
            className={cx(styles.tab, tab.id === value && styles.active)}
            aria-current={tab.id === value ? 'page' : undefined}
            data-tab={tab.id}
          >
            {inner(tab)}
          </Link>
        ))}
      </nav>
    )
  const onKeyDown = (event: KeyboardEvent) => {
    const at = props.tabs.findIndex((tab) => tab.id === value)
    const next = nextIndex(ARROWS[event.key] ?? event.key, at, props.tabs.length)
    if (next === null || event.key.endsWith('Up') || event.key.endsWith('Down')) return
    event.preventDefault()
    const id = props.tabs[next]?.id ?? value
    props.onChange?.(id)
    ref.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(id)}"]`)?.focus()
  }
  return (
    <div ref={ref} className={styles.tabs} role="tablist" aria-label={props.label} onKeyDown={onKeyDown}>
      {props.tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          aria-selected={tab.id === value}
          aria-controls={tab.id === value ? props.panelId : undefined}
          tabIndex={tab.id === value ? 0 : -1}
          className={cx(styles.tab, tab.id === value && styles.active)}
          data-tab={tab.id}
          onClick={() => props.onChange?.(tab.id)}
        >
          {inner(tab)}
        </button>
      ))}
    </div>
  )
}
