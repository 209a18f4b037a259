/** Small parts of the frame, free of the router that the whole interface has. */
import type { ReactNode } from 'react'
import { getBoot } from '../api/boot'
import { t } from '../kit/i18n'
import { GLYPH_PATHS, stateLabel, stateOf } from '../kit/states'
import { duration } from '../kit/time'
import styles from './Embed.module.css'

export function State({ state, bare }: { state: string | null; bare?: boolean }) {
  const known = stateOf(state)
  return (
    <span className={styles.state} style={{ color: `var(--st-${known}-ink)` }} title={stateLabel(known)}>
      <svg viewBox="0 0 12 12" width="14" height="14" role="img" aria-label={stateLabel(known)}>
        <rect width="12" height="12" rx="2" style={{ fill: `var(--st-${known})`, stroke: `var(--st-${known}-ink)` }} />
        <path d={GLYPH_PATHS[known]} style={{ stroke: `var(--st-${known}-glyph, #fff)` }} className={styles.glyph} />
      </svg>
      {!bare && stateLabel(known)}
    </span>
  )
}

/** The last runs, oldest first: height by duration, colour by state. */
export function Strip({ runs }: { runs: readonly { id: string; state: string | null; seconds: number | null }[] }) {
  const longest = Math.max(1, ...runs.map((run) => run.seconds ?? 0))
  return (
    <span className={styles.strip} role="img" aria-label={t('embed.strip', 'The last {n} runs', { n: runs.length })}>
      {runs.map((run) => {
        const known = stateOf(run.state)
        const height = Math.max(4, Math.round(22 * Math.sqrt((run.seconds ?? 0) / longest)))
        const title = `${run.id} · ${stateLabel(known)}${run.seconds === null ? '' : ` · ${duration(run.seconds)}`}`
        return (
          <i
            key={run.id}
            title={title}
            className={known === 'failed' ? styles.footed : undefined}
            style={{ height, background: `var(--st-${known})`, outlineColor: `var(--st-${known}-ink)` }}
          />
        )
      })}
    </span>
  )
}

/** To the whole interface, in a tab of its own. */
export function OpenLink({ path, children }: { path: string; children?: ReactNode }) {
  return (
    <a href={`${getBoot().base.replace(/\/$/, '')}${path}`} target="_blank" rel="noopener">
      {children ?? t('embed.open', 'Open')}
    </a>
  )
}

export function Problem({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <p className={styles.problem} role="alert">
      {error.message}{' '}
      <button type="button" className={styles.button} onClick={onRetry}>
        {t('retry', 'Retry')}
      </button>
    </p>
  )
}
