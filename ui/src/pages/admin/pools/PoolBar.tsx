/** How full a pool is: running, queued and deferred slots of all. */
import { number, t } from '../../../kit/i18n'
import styles from '../shared/admin.module.css'

export type Pool = {
  name: string
  slots: number
  running_slots: number
  queued_slots: number
  scheduled_slots: number
  deferred_slots: number
  occupied_slots: number
  open_slots: number
  description: string | null
  include_deferred: boolean
}

const PARTS = [
  ['running', 'running_slots'],
  ['queued', 'queued_slots'],
  ['deferred', 'deferred_slots'],
] as const

export function PoolBar({ pool }: { pool: Pool }) {
  const all = pool.slots > 0 ? Math.max(pool.slots, pool.occupied_slots) : Math.max(1, pool.occupied_slots)
  const words = t('pool.words', '{a} running, {b} queued, {c} deferred, {d} waiting for a slot', {
    a: number(pool.running_slots),
    b: number(pool.queued_slots),
    c: number(pool.deferred_slots),
    d: number(pool.scheduled_slots),
  })
  return (
    <span className={styles.track} role="img" aria-label={words} title={words}>
      {PARTS.filter(([state, name]) => pool[name] > 0 && (state !== 'deferred' || pool.include_deferred)).map(
        ([state, name]) => (
          <span key={state} style={{ width: `${(pool[name] / all) * 100}%`, background: `var(--st-${state}-ink)` }} />
        ),
      )}
    </span>
  )
}

/** "3 of 16", "3, no limit". */
export function usedOf(pool: Pool): string {
  return pool.slots < 0
    ? t('pool.endless', '{n}, no limit', { n: number(pool.occupied_slots) })
    : t('pool.used', '{n} of {all}', { n: number(pool.occupied_slots), all: number(pool.slots) })
}
