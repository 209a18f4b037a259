/** Short messages at the bottom: what was done, with a way back. The one place that speaks by itself. */
import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { Link } from 'react-router'
import { ApiError } from '../api/client'
import { IconButton } from './Button'
import { cx } from './cx'
import { t } from './i18n'
import { Icon } from './icons'
import { createStore, useStore } from './store'
import styles from './Toast.module.css'

export type ToastOptions = {
  text: string
  tone?: 'ok' | 'danger' | 'plain'
  /** Adds "Undo", for as long as it is shown. */
  undo?: () => void
  /** Adds a link. */
  link?: { to: string; text: string }
  /** How long it stays, ms; errors stay until they are closed. */
  stay?: number
}

type Shown = ToastOptions & { id: number }

const toasts = createStore<readonly Shown[]>([])
let nextId = 1
const UNDO_MS = 6000

/** Shows a message; gives back how to take it away. */
export function toast(options: ToastOptions | string): () => void {
  const id = nextId++
  const shown: Shown = { ...(typeof options === 'string' ? { text: options } : options), id }
  toasts.set((all) => [...all.slice(-2), shown])
  return () => dismiss(id)
}

/** Shows what went wrong with something that was tried. */
export function toastError(what: string, error: unknown): void {
  const detail = error instanceof ApiError ? error.detail || error.title : error instanceof Error ? error.message : ''
  toast({ text: detail ? `${what}: ${detail}` : what, tone: 'danger' })
}

function dismiss(id: number): void {
  toasts.set((all) => all.filter((one) => one.id !== id))
}

/** Where they are shown; once, in the frame. */
export function Toaster() {
  const all = useStore(toasts)
  return createPortal(
    <section className={styles.place} aria-label={t('toast.region', 'Messages')} aria-live="polite">
      {all.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </section>,
    document.getElementById('overlays') ?? document.body,
  )
}

function One({ toast: one }: { toast: Shown }) {
  const [held, setHeld] = useState(false)
  const stay = one.stay ?? (one.tone === 'danger' ? 0 : UNDO_MS)
  useEffect(() => {
    if (held || !stay) return
    const timer = setTimeout(() => dismiss(one.id), stay)
    return () => clearTimeout(timer)
  }, [held, stay, one.id])
  return (
    <div
      className={cx(styles.toast, one.tone && styles[one.tone])}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {one.tone === 'danger' ? <Icon name="error" /> : one.tone === 'ok' ? <Icon name="check" /> : null}
      <span className={styles.text}>{one.text}</span>
      {one.link && (
        <Link to={one.link.to} onClick={() => dismiss(one.id)}>
          {one.link.text}
        </Link>
      )}
      {one.undo && (
        <button
          type="button"
          className={styles.undo}
          onClick={() => {
            dismiss(one.id)
            one.undo?.()
          }}
        >
          {t('toast.undo', 'Undo')}
        </button>
      )}
      <IconButton icon="close" size="sm" label={t('toast.dismiss', 'Dismiss')} onClick={() => dismiss(one.id)} />
    </div>
  )
}
