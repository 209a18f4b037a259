/** What the list of all backfills and the DAG's own have in common: how one stands, how far it is, and its buttons. */
import { backfillVerb } from '../../api/queries/actions'
import type { Backfill } from '../../api/queries/dag'
import { IconButton } from '../../kit/Button'
import { number, t } from '../../kit/i18n'
import { StateCell } from '../../kit/StateBadge'
import { STATES, stateLabel } from '../../kit/states'
import { toast, toastError } from '../../kit/Toast'
import styles from './parts.module.css'

export type Verb = 'pause' | 'unpause' | 'cancel'

const DONE: Readonly<Record<Verb, string>> = {
  pause: 'Backfill paused',
  unpause: 'Backfill resumed',
  cancel: 'Backfill cancelled',
}

/** "done", "paused" or "running", in words. */
export function standing(one: Backfill): string {
  if (one.completed_at) return t('backfill.done', 'done')
  return one.is_paused ? t('backfill.paused', 'paused') : t('backfill.running', 'running')
}

/** The first and the last day. */
export const daysOf = (one: Backfill): string => `${one.from_date.slice(0, 10)} – ${one.to_date.slice(0, 10)}`

/** How many of its runs have ended. */
export const endedOf = (one: Backfill): number =>
  (one.progress?.success ?? 0) + (one.progress?.failed ?? 0) + (one.progress?.skipped ?? 0)

/** Glyph and word. */
export function Standing({ of }: { of: Backfill }) {
  const state = of.completed_at ? 'success' : of.is_paused ? 'deferred' : 'running'
  return (
    <span className={styles.standing}>
      <StateCell state={state} size={12} />
      {standing(of)}
    </span>
  )
}

/** A bar of the runs' states with their sum; the states in numbers in its title. */
export function Progress({ of }: { of: Backfill }) {
  const counts = of.progress ?? {}
  const total = Math.max(1, counts.total ?? 0)
  const parts = STATES.filter((state) => (counts[state] ?? 0) > 0).reverse()
  const words = parts.map((state) => `${number(counts[state] ?? 0)} ${stateLabel(state).toLowerCase()}`).join(', ')
  return (
    <span className={styles.progress} title={words}>
      <span className={styles.track} role="img" aria-label={words || t('backfill.waiting', 'waiting')}>
        {parts.map((state) => (
          <span
            key={state}
            style={{ width: `${((counts[state] ?? 0) / total) * 100}%`, background: `var(--st-${state}-ink)` }}
          />
        ))}
      </span>
      <span className="num">
        {number(endedOf(of))}/{number(counts.total ?? 0)}
      </span>
    </span>
  )
}

/** Pause or resume, and cancel. */
export function Verbs({ one, act }: { one: Backfill; act: (one: Backfill, verb: Verb) => void }) {
  const dag = one.dag_id
  return (
    <span className={styles.verbs}>
      <IconButton
        size="sm"
        icon={one.is_paused ? 'play' : 'pause'}
        label={
          one.is_paused
            ? t('backfill.resumeOf', 'Resume the backfill of {dag}', { dag })
            : t('backfill.pauseOf', 'Pause the backfill of {dag}', { dag })
        }
        onClick={() => act(one, one.is_paused ? 'unpause' : 'pause')}
      />
      <IconButton
        size="sm"
        icon="stop"
        label={t('backfill.cancelOf', 'Cancel the backfill of {dag}', { dag })}
        onClick={() => act(one, 'cancel')}
      />
    </span>
  )
}

/** Does it and says so; what was paused can be taken back. */
export async function actOn(one: Backfill, verb: Verb, refresh: () => void): Promise<void> {
  try {
    await backfillVerb(one.id, verb)
    const back = verb === 'pause' ? 'unpause' : 'pause'
    toast({
      text: DONE[verb],
      tone: 'ok',
      ...(verb !== 'cancel' && { undo: () => void actOn(one, back, refresh) }),
    })
  } catch (problem) {
    toastError(t('backfill.failed', 'The backfill was not changed'), problem)
  }
  refresh()
}
