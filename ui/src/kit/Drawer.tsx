/** The panel at the right over the page one was on: resizable, `f` makes it the whole page (?full=1). */
import { type PointerEvent, type ReactNode, useId, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { IconButton } from './Button'
import { cx } from './cx'
import styles from './Drawer.module.css'
import { useFocusTrap } from './focus'
import { t } from './i18n'
import { useKeys } from './keys'
import { remember, remembered } from './store'
import { useSwipeBack } from './swipe'

const LEAST = 480
const MOST = 900

export type DrawerProps = {
  title: ReactNode
  onClose: () => void
  /** Under the title: state, dates. */
  sub?: ReactNode
  /** Buttons at the right of the title. */
  actions?: ReactNode
  /** Between head and body, not scrolled: tabs. */
  tabs?: ReactNode
  children: ReactNode
  /** The body scrolls by itself (a log, a table). */
  bare?: boolean
  /** What is in the body stands for what comes, with which nothing of it moves. */
  isLoading?: boolean
}

/** Whether the drawer's content is shown as the whole page. */
export function useFullPage(): [isFull: boolean, set: (full: boolean) => void] {
  const [params, setParams] = useSearchParams()
  const set = (full: boolean) =>
    setParams((old) => {
      const next = new URLSearchParams(old)
      if (full) next.set('full', '1')
      else next.delete('full')
      return next
    })
  return [params.get('full') === '1', set]
}

/** Open as long as it is there: a route shows it. The page behind stays usable with the mouse; Tab stays inside. */
export function Drawer(props: DrawerProps) {
  const [isFull, setFull] = useFullPage()
  // Alone on the page, its title is the page's.
  const Heading = isFull ? 'h1' : 'h2'
  const [width, setWidth] = useState(() => remembered('drawer.width', 640))
  const ref = useRef<HTMLElement>(null)
  const id = useId()
  useFocusTrap(ref, !isFull)
  const swipe = useSwipeBack(props.onClose)
  useKeys([
    {
      keys: 'f',
      label: t('keys.full', 'Full page or drawer'),
      group: t('keys.drawer', 'Drawer'),
      run: () => setFull(!isFull),
    },
    {
      keys: 'Escape',
      label: t('keys.close', 'Close'),
      group: t('keys.drawer', 'Drawer'),
      run: () => (isFull ? setFull(false) : props.onClose()),
    },
  ])
  const resized = (next: number) => {
    const fitting = Math.round(Math.min(Math.max(next, LEAST), MOST, window.innerWidth - 80))
    setWidth(fitting)
    remember('drawer.width', fitting)
  }
  return (
    <section
      ref={ref}
      className={cx(styles.drawer, isFull && styles.full)}
      style={isFull ? undefined : { width }}
      role={isFull ? undefined : 'dialog'}
      aria-labelledby={id}
      tabIndex={-1}
      {...swipe}
    >
      {!isFull && <Grip width={width} onResize={resized} />}
      <header className={styles.head}>
        <div className={styles.headRow}>
          <Heading id={id} className={styles.title}>
            {props.title}
          </Heading>
          <div className={styles.actions}>
            {props.actions}
            <IconButton
              icon={isFull ? 'collapse' : 'expand'}
              label={isFull ? t('drawer.shrink', 'Show as drawer (f)') : t('drawer.full', 'Full page (f)')}
              className={styles.fullButton}
              onClick={() => setFull(!isFull)}
            />
            <IconButton icon="close" label={t('close', 'Close')} onClick={props.onClose} />
          </div>
        </div>
        {props.sub && <div className={styles.sub}>{props.sub}</div>}
      </header>
      {props.tabs && <div className={styles.tabs}>{props.tabs}</div>}
      <div key={String(props.isLoading)} className={cx(styles.body, props.bare && styles.bare)}>
        {props.children}
      </div>
    </section>
  )
}

function Grip({ width, onResize }: { width: number; onResize: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) onResize(window.innerWidth - event.clientX)
  }
  return (
    <div
      className={styles.grip}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('drawer.width', 'Width of the drawer')}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={(event) => {
        const by = { ArrowLeft: 32, ArrowRight: -32 }[event.key]
        if (by) {
          event.preventDefault()
          onResize(width + by)
        }
      }}
    />
  )
}
