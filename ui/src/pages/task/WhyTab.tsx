/** Why a task instance does not run: every check in order, passed or not, with its number and what to do. */
import { Link } from 'react-router'
import type { Check, TaskDetail } from '../../api/queries/drawers'
import { cx } from '../../kit/cx'
import { plural, t } from '../../kit/i18n'
import { Icon } from '../../kit/icons'
import { Empty } from '../../kit/Placeholder'
import { StateCell } from '../../kit/StateBadge'
import { stateLabel } from '../../kit/states'
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
          : t('why.held', 'It waits for {n}', { n: plural(failing.length, 'thing', 'things') })}
      </p>
      {failing.length > 0 && (
        <div className={styles.heldBox}>
          {failing.map((check, index) => (
            <Held key={index} check={check} place={place} />
          ))}
        </div>
      )}
      <h3 className={styles.allChecks}>{t('why.all', 'All checks, in the order in which the scheduler looks')}</h3>
      <ol className={styles.checks}>
        {why.map((check, index) => (
          <li key={index} className={cx(styles.check, check.ok ? styles.passed : styles.held)}>
            <span className={styles.mark}>
              <Icon name={check.ok ? 'check' : 'close'} size={12} />
              <span className="visually-hidden">
                {check.ok ? t('why.passed', 'Passed') : t('why.not', 'Not passed')}
              </span>
            </span>
            <span>{check.name}</span>
            <p>{check.reason}</p>
          </li>
        ))}
      </ol>
    </>
  )
}

/** What holds it back, and what to do about it. */
function Held({ check, place }: { check: Check; place: TaskPlace }) {
  return (
    <div className={styles.heldOne}>
      <strong>{check.name}</strong>
      <p>{check.reason}</p>
      {check.upstream !== undefined && check.upstream.length > 0 && (
        <ul className={styles.upstream}>
          {check.upstream.map((one) => (
            <li key={`${one.task_id} ${one.map_index}`}>
              <StateCell state={one.state} label={stateLabel(one.state)} />
              <Link to={taskUrl({ ...place, taskId: one.task_id, mapIndex: one.map_index })}>
                {one.task_id}
                {one.map_index >= 0 && ` [${one.map_index}]`}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {check.fix && <p className={styles.fix}>{check.fix}</p>}
      {check.link && (
        <Link to={check.link.startsWith('/') ? check.link : `/${check.link}`}>{t('why.go', 'Look there')}</Link>
      )}
    </div>
  )
}
