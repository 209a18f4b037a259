/** What stands where content is missing: not there yet, empty, failed, forbidden, gone. */
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/client'
import { Button, LinkButton } from './Button'
import { t } from './i18n'
import { Icon, type IconName } from './icons'
import styles from './Placeholder.module.css'

/** True after `ms`: what comes sooner needs no placeholder, and flicker is worse than a short nothing. */
export function useDelayed(ms = 150): boolean {
  const [is, set] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => set(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return is
}

/** Grey bars of the height that the content will have; they appear after 150 ms. */
export function Skeleton({ rows = 8, height, label }: { rows?: number; height?: number | string; label?: string }) {
  const shown = useDelayed()
  return (
    <div
      className={styles.skeleton}
      role="status"
      aria-busy="true"
      style={height === undefined ? undefined : { height }}
    >
      <span className="visually-hidden">{label ?? t('loading', 'Loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={shown ? styles.bar : styles.gap} style={{ width: `${92 - ((i * 37) % 45)}%` }} />
      ))}
    </div>
  )
}

/** Nothing here: says why, and what to do next. */
export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode; icon?: IconName }) {
  return (
    <div className={styles.box}>
      {props.icon && (
        <span className={styles.icon}>
          <Icon name={props.icon} size={28} />
        </span>
      )}
      <p className={styles.title}>{props.title}</p>
      {props.children && <div className={styles.text}>{props.children}</div>}
      {props.action && <div className={styles.actions}>{props.action}</div>}
    </div>
  )
}

/** A filter that lets nothing pass. */
export function FilteredEmpty(props: { what?: string; onClear: () => void }) {
  return (
    <Empty
      title={props.what ?? t('empty.filtered', 'Nothing matches these filters')}
      icon="filter"
      action={<Button onClick={props.onClear}>{t('empty.clear', 'Clear filters')}</Button>}
    />
  )
}

/** A request that failed: message, request id, and again. Forbidden and gone have their own words. */
export function ErrorBox({ error, onRetry, what }: { error: unknown; onRetry?: () => void; what?: string }) {
  if (error instanceof ApiError && error.isForbidden) return <Forbidden detail={error.detail} />
  if (error instanceof ApiError && error.isGone) return <Gone what={what} detail={error.detail} />
  const problem = error instanceof ApiError ? error : null
  const text = problem?.detail || (error instanceof Error ? error.message : String(error))
  return (
    <div className={styles.error} role="alert">
      <Icon name="error" size={20} />
      <div>
        <p className={styles.title}>{problem?.title ?? t('error.title', 'This part could not be shown')}</p>
        <p className={styles.text}>{text}</p>
        {problem?.requestId && (
          <p className="muted">
            {t('error.request', 'Request')} <code>{problem.requestId}</code>
          </p>
        )}
        {onRetry && (
          <div className={styles.actions}>
            <Button icon="retry" onClick={onRetry}>
              {t('error.retry', 'Retry')}
            </Button>
          </div>
        )}
      </div>
    </div>
  )
}

/** May not be seen: names the permission that is missing. */
export function Forbidden({ permission, detail }: { permission?: string; detail?: string }) {
  return (
    <Empty
      title={t('forbidden.title', 'You may not see this')}
      icon="lock"
      action={
        <LinkButton to="/" icon="home">
          {t('nav.home', 'Home')}
        </LinkButton>
      }
    >
      {permission ? (
        <>
          {t('forbidden.text', 'It needs the permission')} <code>{permission}</code>.{' '}
          {t('forbidden.ask', 'An administrator can add it to one of your roles.')}
        </>
      ) : (
        detail || t('forbidden.ask', 'An administrator can add it to one of your roles.')
      )}
    </Empty>
  )
}

/** Not there, or no more: offers the search. */
export function Gone({ what, detail }: { what?: string; detail?: string }) {
  return (
    <Empty
      title={what ? t('gone.what', '{what} was not found', { what }) : t('gone.title', 'There is nothing here')}
      icon="search"
      action={
        <>
          <Button icon="search" onClick={() => document.dispatchEvent(new CustomEvent('tradewind:palette'))}>
            {t('gone.search', 'Search')}
          </Button>
          <LinkButton to="/" icon="home">
            {t('nav.home', 'Home')}
          </LinkButton>
        </>
      }
    >
      {detail || t('gone.text', 'It may have been deleted or renamed, or the link is wrong.')}
    </Empty>
  )
}
