/** What is under the pointer, from what is known already. */
import { StateBadge } from '../kit/StateBadge'
import type { Description } from './describe'
import styles from './matrix.module.css'

/** The tooltip, beside the pointer and within the window. */
export function MatrixTip({ found, x, y }: { found: Description; x: number; y: number }) {
  const isRight = x > window.innerWidth - 360
  const isLow = y > window.innerHeight - 200
  return (
    <div
      className={styles.tip}
      aria-hidden="true"
      style={{
        [isRight ? 'right' : 'left']: isRight ? window.innerWidth - x + 14 : x + 14,
        [isLow ? 'bottom' : 'top']: isLow ? window.innerHeight - y + 14 : y + 14,
      }}
    >
      <div className={styles.tipTitle}>{found.title}</div>
      {found.state && <StateBadge strong state={found.state} />}
      <dl>
        {found.facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
