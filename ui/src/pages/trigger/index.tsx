/** The trigger form as a page of its own, for links: `?conf={"region":"eu"}`, or single params as `?region=eu`. */
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { seg } from '../../api/client'
import { TriggerDialog } from '../../forms'
import { t } from '../../kit/i18n'
import { Page } from '../../kit/Page'
import { Forbidden } from '../../kit/Placeholder'
import { mayTrigger } from '../task/permissions'
import { confOf } from './conf'
import styles from './trigger.module.css'

export default function TriggerPage() {
  const { dag_id = '' } = useParams()
  const [params] = useSearchParams()
  const navigate = useNavigate()
  const mode = params.get('mode') === 'backfill' ? 'backfill' : 'run'
  return (
    <Page
      title={t('trigger.page', 'Trigger {dag}', { dag: dag_id })}
      // The dialog over it has the same title: one is seen.
      heading={
        <span className={mayTrigger(dag_id) ? styles.behind : undefined}>
          {t('trigger.page', 'Trigger {dag}', { dag: dag_id })}
        </span>
      }
    >
      {mayTrigger(dag_id) ? (
        <TriggerDialog
          dagId={dag_id}
          conf={confOf(params)}
          mode={mode}
          from={params.get('from') ?? undefined}
          to={params.get('to') ?? undefined}
          onClose={() => navigate(`/dags/${seg(dag_id)}`)}
        />
      ) : (
        <Forbidden permission="DAG Runs: can_create" />
      )}
    </Page>
  )
}
