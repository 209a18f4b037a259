/** Why a task instance does not run: every check in order, passed or not, with its number and what to do. */
import { Link } from 'react-router'
import type { Check, TaskDetail } from '../../api/queries/drawers'
import { cx } from '../../kit/cx'
import { plural, t } from '../../kit/i18n'
import { Icon } from '../../kit/icons'
import { Empty } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { type TaskPlace, taskUrl } from './place'
import styles from './Task.module.css'

export function WhyTab({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const { why } = detail
  if (why.length === 0) {
    return (
      <Empty title={t('why.none', 'Nothing holds it back')} icon="check">
        {t('why.noneHint', 'Every check passes: the scheduler takes it in its next round.')}
      </Empty>
    )
  }
  const failing = why.filter((check) => !check.ok)
  return (
    <>
      <p className={styles.verdict}>
        {failing.length === 0
          ? t('why.soon', 'Every check passes: the scheduler takes it in its next round.')
          : t('why.held', 'It waits for {n}.', { n: plural(failing.length, 'thing', 'things') })}
      </p>
      <ol className={styles.checks}>
        {why.map((check, index) => (
          <CheckRow key={index} check={check} place={place} />
        ))}
      </ol>
    </>
  )
}

function CheckRow({ check, place }: { check: Check; place: TaskPlace }) {
  return (
    <li className={cx(styles.check, check.ok ? styles.passed : styles.held)}>
      <span className={styles.mark}>
        <Icon name={check.ok ? 'check' : 'close'} size={14} />
        <span className="visually-hidden">{check.ok ? t('why.passed', 'Passed') : t('why.not', 'Not passed')}</span>
      </span>
      <div>
        <strong>{check.name}</strong>
        <p>{check.reason}</p>
        {!check.ok && check.upstream !== undefined && check.upstream.length > 0 && (
          <ul className={styles.upstream}>
            {check.upstream.map((one) => (
              <li key={`${one.task_id} ${one.map_index}`}>
                <StateBadge state={one.state} bare text={null} />
                <Link to={taskUrl({ ...place, taskId: one.task_id, mapIndex: one.map_index })}>
                  {one.task_id}
                  {one.map_index >= 0 && ` [${one.map_index}]`}
                </Link>
              </li>
            ))}
          </ul>
        )}
        {!check.ok && check.fix && <p className={styles.fix}>{check.fix}</p>}
      </div>
      {check.link && (
        <Link to={check.link.startsWith('/') ? check.link : `/${check.link}`} className={styles.checkLink}>
          {t('why.go', 'Look')}
        </Link>
      )}
    </li>
  )
}
