/** The backfills of the DAG with how far each one is; pause, resume, cancel. */
import { useQueryClient } from '@tanstack/react-query'
import { useLive } from '../../../api/events'
import { type Backfill, useBackfills } from '../../../api/queries/dag'
import { Button } from '../../../kit/Button'
import { t } from '../../../kit/i18n'
import { Empty } from '../../../kit/Placeholder'
import { type Column, Table } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { actOn, daysOf, Progress, Standing, standing, type Verb, Verbs } from '../../backfills/parts'
import { useDag } from '../context'
import styles from '../dag.module.css'

export default function Backfills() {
  const { dagId, may, ask } = useDag()
  const client = useQueryClient()
  const query = useBackfills(dagId)
  const refresh = () => void client.invalidateQueries({ queryKey: ['backfills', dagId] })
  useLive([`dag:${dagId}`], (events) => events.some((event) => event.type === 'run') && refresh(), refresh)
  const act = (one: Backfill, verb: Verb) => void actOn(one, verb, refresh)
  const make = may('t') && (
    <Button icon="plus" onClick={() => ask({ kind: 'backfill' })}>
      {t('backfill.new', 'Backfill')}
    </Button>
  )
  return (
    <div className={styles.body}>
      <Table
        name="dag.backfills"
        label={t('backfill.of', 'Backfills of {dag}', { dag: dagId })}
        columns={columnsOf(may('m') ? act : null)}
        rows={query.data?.backfills}
        keyOf={(one) => String(one.id)}
        error={query.error}
        onRetry={() => void query.refetch()}
        tools={query.data && query.data.backfills.length > 0 && make}
        empty={
          <Empty title={t('backfill.none', 'No backfill yet')} icon="calendar" action={make}>
            {t(
              'backfill.hint',
              'A backfill makes the runs of past dates. You can also drag over days in the calendar.',
            )}
          </Empty>
        }
      />
    </div>
  )
}

function columnsOf(act: ((one: Backfill, verb: Verb) => void) | null): readonly Column<Backfill>[] {
  return [
    {
      id: 'id',
      head: '#',
      width: 44,
      hidden: true,
      cell: (one) => one.id,
      sort: (one) => one.id,
      descFirst: true,
    },
    {
      id: 'range',
      head: 'Dates',
      grow: 1,
      min: 180,
      fixed: true,
      cell: daysOf,
      sort: (one) => one.from_date,
    },
    {
      id: 'standing',
      head: 'State',
      width: 92,
      cell: (one) => <Standing of={one} />,
      sort: standing,
    },
    {
      id: 'progress',
      head: 'Runs',
      width: 150,
      cell: (one) => <Progress of={one} />,
    },
    {
      id: 'again',
      head: 'Reprocess',
      width: 90,
      hidden: true,
      cell: (one) => one.reprocess_behavior,
      sort: (one) => one.reprocess_behavior,
    },
    {
      id: 'active',
      head: 'Max active',
      width: 84,
      align: 'end',
      hidden: true,
      cell: (one) => one.max_active_runs,
      sort: (one) => one.max_active_runs,
    },
    {
      id: 'made',
      head: 'Made',
      width: 84,
      cell: (one) => <Time at={one.created_at} />,
      sort: (one) => one.created_at,
      descFirst: true,
    },
    {
      id: 'verbs',
      head: 'Actions',
      quietHead: true,
      width: 72,
      align: 'end',
      cell: (one) => act && !one.completed_at && <Verbs one={one} act={act} />,
    },
  ]
}
