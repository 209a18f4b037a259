/** Beside the failures: health, pools, what comes next, stars. */
import { Link } from 'react-router'
import type { Home } from '../../api/queries/home'
import { cx } from '../../kit/cx'
import { number, t } from '../../kit/i18n'
import { Icon, type IconName } from '../../kit/icons'
import { Panel } from '../../kit/Page'
import { Skeleton } from '../../kit/Placeholder'
import { Time } from '../../kit/Time'
import styles from './home.module.css'

const seg = encodeURIComponent
const LOOK: Readonly<Record<string, { icon: IconName; tone: string }>> = {
  healthy: { icon: 'check', tone: 'ok' },
  late: { icon: 'clock', tone: 'warn' },
}
const BAD: { icon: IconName; tone: string } = { icon: 'error', tone: 'bad' }
const NONE: { icon: IconName; tone: string } = { icon: 'pause', tone: 'off' }

const lookOf = (status: string | null) =>
  status === null || status === 'none' || status === 'idle' ? NONE : (LOOK[status] ?? BAD)

export function Side({ home }: { home: Home | undefined }) {
  return (
    <div className={styles.side}>
      <Panel title={t('home.health', 'Health')} flush>
        {home ? <Health health={home.health} /> : <Skeleton rows={6} />}
      </Panel>
      <Panel title={<Link to="/pools">{t('home.pools', 'Pools')}</Link>} flush>
        {home ? <Pools pools={home.pools} /> : <Skeleton rows={1} />}
      </Panel>
      <Panel title={<Link to="/timeline">{t('home.next', 'Next runs')}</Link>} flush>
        {home ? <Next next={home.next} /> : <Skeleton rows={4} />}
      </Panel>
      {home && home.starred.length > 0 && (
        <Panel title={<Link to="/dags?starred=1">{t('home.starred', 'Starred')}</Link>} flush>
          <ul className={styles.list}>
            {home.starred.map((id) => (
              <li key={id}>
                <Link to={`/dags/${seg(id)}`} className={styles.cut}>
                  {id}
                </Link>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  )
}

function Health({ health }: { health: Home['health'] }) {
  return (
    <ul className={styles.list}>
      {health.map((one) => {
        const look = lookOf(one.status)
        return (
          <li key={one.role} title={one.note || undefined}>
            <span className={cx(styles.health, styles[look.tone])}>
              <Icon name={look.icon} size={14} />
            </span>
            <span className={styles.cut}>{one.role.replaceAll('_', ' ')}</span>
            <span className="muted">
              {one.status && one.status !== 'healthy' ? one.status : <Time at={one.heartbeat} none={one.note || '–'} />}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function Pools({ pools }: { pools: Home['pools'] }) {
  return (
    <ul className={styles.list}>
      {pools.map((pool) => {
        const isEndless = pool.slots < 0
        const part = (n: number) => (isEndless || pool.slots === 0 ? 0 : Math.min(100, (n / pool.slots) * 100))
        const used = pool.running + pool.queued
        const words = `${number(pool.running)} running, ${number(pool.queued)} queued, ${number(pool.scheduled)} waiting, ${isEndless ? 'no limit' : `${number(pool.open)} open`}`
        return (
          <li key={pool.name} className={styles.pool} title={words}>
            <span className={styles.line}>
              <Link to={`/task_instances?pool=${seg(pool.name)}&state=running&state=queued`} className={styles.cut}>
                {pool.name}
              </Link>
              <span className="muted">
                {number(used)} / {isEndless ? '∞' : number(pool.slots)}
              </span>
            </span>
            <span className={styles.bar} role="img" aria-label={words}>
              <span className={styles.running} style={{ inlineSize: `${part(pool.running)}%` }} />
              <span className={styles.queued} style={{ inlineSize: `${part(pool.queued)}%` }} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function Next({ next }: { next: Home['next'] }) {
  if (next.length === 0)
    return <p className={styles.none}>{t('home.noNext', 'No scheduled run: DAGs are paused or have no schedule.')}</p>
  return (
    <ul className={styles.list}>
      {next.map((one) => (
        <li key={`${one.dag_id} ${one.at}`}>
          <Link to={`/dags/${seg(one.dag_id)}`} className={styles.cut}>
            {one.dag_id}
          </Link>
          <span className="muted">
            <Time at={one.at} />
          </span>
        </li>
      ))}
    </ul>
  )
}
