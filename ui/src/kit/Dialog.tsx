/** A modal dialog: the rest of the page cannot be reached while it is open. Escape and the cross close it. */
import { type FormEvent, type ReactNode, useContext, useEffect, useId, useRef } from 'react'
import { createPortal } from 'react-dom'
import { IconButton } from './Button'
import { cx } from './cx'
import styles from './Dialog.module.css'
import { useFocusTrap } from './focus'
import { t } from './i18n'
import { LayerContext, useModalLayer } from './keys'

export type DialogProps = {
  open: boolean
  onClose: () => void
  title: ReactNode
  children: ReactNode
  /** The row of buttons at the bottom; the main one last. */
  footer?: ReactNode
  /** Makes it a form: Enter confirms. */
  onSubmit?: () => void
  width?: number
  /** Without padding and scrolling of its own: for tables, the palette. */
  bare?: boolean
}

/** Put `data-autofocus` on what should get the focus first. */
export function Dialog(props: DialogProps) {
  return props.open ? createPortal(<Open {...props} />, document.getElementById('overlays') ?? document.body) : null
}

let openDialogs = 0

function useInertPage(): void {
  useEffect(() => {
    const root = document.getElementById('root')
    openDialogs += 1
    root?.setAttribute('inert', '')
    return () => {
      openDialogs -= 1
      if (openDialogs === 0) root?.removeAttribute('inert')
    }
  }, [])
}

function Open(props: DialogProps) {
  const layer = useContext(LayerContext) + 1
  const id = useId()
  const ref = useRef<HTMLDivElement>(null)
  // In this order: the page must be back before the focus can go back to it.
  useInertPage()
  useFocusTrap(ref)
  useModalLayer(layer)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    props.onSubmit?.()
  }
  const inner = (
    <>
      <div className={cx(styles.body, props.bare && styles.bareBody)}>{props.children}</div>
      {props.footer && <div className={styles.footer}>{props.footer}</div>}
    </>
  )
  return (
    <LayerContext.Provider value={layer}>
      <div
        className={styles.backdrop}
        onMouseDown={(event) => event.target === event.currentTarget && props.onClose()}
        role="presentation"
      >
        <div
          ref={ref}
          className={styles.dialog}
          style={{ maxWidth: props.width ?? 640 }}
          role="dialog"
          aria-modal="true"
          aria-labelledby={id}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && event.target === event.currentTarget) props.onSubmit?.()
            if (event.key !== 'Escape' || event.defaultPrevented) return
            event.preventDefault()
            event.stopPropagation()
            props.onClose()
          }}
        >
          <div className={cx(styles.head, props.bare && 'visually-hidden')}>
            <h2 id={id} className={styles.title}>
              {props.title}
            </h2>
            {!props.bare && <IconButton icon="close" label={t('close', 'Close')} onClick={props.onClose} />}
          </div>
          {props.onSubmit ? (
            <form className={styles.form} onSubmit={submit} noValidate>
              {inner}
            </form>
          ) : (
            inner
          )}
        </div>
      </div>
    </LayerContext.Provider>
  )
}
