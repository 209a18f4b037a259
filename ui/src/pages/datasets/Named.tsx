/** Who makes a dataset and who waits for it: the first two by name. */
import { Link } from 'react-router'
import type { Asset } from '../../api/queries/assets'
import { t } from '../../kit/i18n'
import styles from './datasets.module.css'

const SHOWN = 2
const enc = encodeURIComponent

export function Consumers({ asset, all = false }: { asset: Asset; all?: boolean }) {
  const shown = all ? asset.consumers : asset.consumers.slice(0, SHOWN)
  const more = asset.consumers.slice(shown.length)
  if (shown.length === 0) return <span className="muted">–</span>
  return (
    <span className={styles.named}>
      {shown.map((one) => (
        <span key={one.dag_id} className={styles.one}>
          <Link to={`/dags/${enc(one.dag_id)}`} title={one.dag_id} className="truncate">
            {one.dag_id}
          </Link>
          {one.needs > 1 && (
            <span
              className={one.has_this ? styles.ready : styles.waits}
              title={
                one.has_this
                  ? t('asset.hasThis', 'This one is ready; {n} of {all} are', { n: one.ready, all: one.needs })
                  : t('asset.waits', 'Waits for this one; {n} of {all} are ready', { n: one.ready, all: one.needs })
              }
            >
              {one.ready}/{one.needs}
            </span>
          )}
        </span>
      ))}
      {more.length > 0 && (
        <span className="muted" title={more.map((one) => one.dag_id).join(', ')}>
          +{more.length}
        </span>
      )}
    </span>
  )
}

export function Producers({ asset, all = false }: { asset: Asset; all?: boolean }) {
  const shown = all ? asset.producers : asset.producers.slice(0, SHOWN)
  const more = asset.producers.slice(shown.length)
  if (shown.length === 0) return <span className="muted">–</span>
  return (
    <span className={styles.named}>
      {shown.map((one) => (
        <span key={`${one.dag_id} ${one.task_id}`} className={styles.one}>
          <Link to={`/dags/${enc(one.dag_id)}`} title={`${one.dag_id} › ${one.task_id}`} className="truncate">
            {one.dag_id} › {one.task_id}
          </Link>
        </span>
      ))}
      {more.length > 0 && (
        <span className="muted" title={more.map((one) => `${one.dag_id} › ${one.task_id}`).join(', ')}>
          +{more.length}
        </span>
      )}
    </span>
  )
}
