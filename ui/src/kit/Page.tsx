/** The inside of every page: title, heading, tools, content. */
import { type ReactNode, useEffect } from 'react'
import { getBoot } from '../api/boot'
import { cx } from './cx'
import styles from './Page.module.css'

/** Sets the tab's title; the frame announces it and moves the focus on a change of page. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${getBoot().instance_name || 'tradewind'}` : getBoot().instance_name
  }, [title])
}

/** `fill`: the content has the rest of the height and scrolls by itself (tables, canvases). */
export function Page(props: {
  title: string
  /** Instead of the plain title, when the heading is more than text. */
  heading?: ReactNode
  sub?: ReactNode
  actions?: ReactNode
  /** Filters, under the heading. */
  toolbar?: ReactNode
  fill?: boolean
  children: ReactNode
}) {
  usePageTitle(props.title)
  return (
    <div className={cx(styles.page, props.fill && styles.fill)}>
      <div className={styles.head}>
        <div className={styles.titles}>
          <h1>{props.heading ?? props.title}</h1>
          {props.sub && <div className={styles.sub}>{props.sub}</div>}
        </div>
        {props.actions && <div className={styles.actions}>{props.actions}</div>}
      </div>
      {props.toolbar && <div className={styles.toolbar}>{props.toolbar}</div>}
      <div className={styles.content}>{props.children}</div>
    </div>
  )
}

/** A titled part of a page with a thin frame. */
export function Panel(props: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  flush?: boolean
  className?: string
}) {
  return (
    <section className={cx(styles.panel, props.className)}>
      {props.title && (
        <div className={styles.panelHead}>
          <h2>{props.title}</h2>
          {props.actions && <div className={styles.actions}>{props.actions}</div>}
        </div>
      )}
      <div className={cx(!props.flush && styles.panelBody)}>{props.children}</div>
    </section>
  )
}

/** Names and values in two columns: details of a thing. */
export function Facts({ facts }: { facts: readonly (readonly [name: ReactNode, value: ReactNode] | null | false)[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(
        (fact, i) =>
          fact && (
            <div key={i} className={styles.fact}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1] ?? <span className="muted">–</span>}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
