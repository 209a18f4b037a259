/** The backfills of the DAG with how far each one is; pause, resume, cancel. */
import { useQueryClient } from '@tanstack/react-query'
import { useLive } from '../../../api/events'
import { backfillVerb } from '../../../api/queries/actions'
import { type Backfill, useBackfills } from '../../../api/queries/dag'
import { Button, IconButton } from '../../../kit/Button'
import { t } from '../../../kit/i18n'
import { Empty } from '../../../kit/Placeholder'
import { StateCounts } from '../../../kit/StateBadge'
import { STATES } from '../../../kit/states'
import { type Column, Table } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { toast, toastError } from '../../../kit/Toast'
import { useDag } from '../context'
import styles from '../dag.module.css'

type Verb = 'pause' | 'unpause' | 'cancel'

const DONE: Readonly<Record<Verb, string>> = {
  pause: 'Backfill paused',
  unpause: 'Backfill resumed',
  cancel: 'Backfill cancelled',
}

export default function Backfills() {
  const { dagId, may, ask } = useDag()
  const client = useQueryClient()
  const query = useBackfills(dagId)
  const refresh = () => void client.invalidateQueries({ queryKey: ['backfills', dagId] })
  useLive([`dag:${dagId}`], (events) => events.some((event) => event.type === 'run') && refresh(), refresh)
  const act = async (backfill: Backfill, verb: Verb) => {
    try {
      await backfillVerb(backfill.id, verb)
      toast({ text: DONE[verb], tone: 'ok' })
    } catch (problem) {
      toastError(t('backfill.failed', 'The backfill was not changed'), problem)
    }
    refresh()
  }
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
        tools={make}
        empty={
          <Empty title={t('backfill.none', 'No backfill yet')} icon="calendar">
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

/** "done", "paused" or "running", in words. */
function standing(one: Backfill): string {
  if (one.completed_at) return t('backfill.done', 'done')
  return one.is_paused ? t('backfill.paused', 'paused') : t('backfill.running', 'running')
}

function columnsOf(act: ((one: Backfill, verb: Verb) => void) | null): readonly Column<Backfill>[] {
  return [
    {
      id: 'id',
      head: '#',
      width: 44,
      cell: (one) => one.id,
      sort: (one) => one.id,
      descFirst: true,
    },
    {
      id: 'range',
      head: 'Dates',
      grow: 1,
      min: 170,
      fixed: true,
      cell: (one) => `${one.from_date.slice(0, 10)} – ${one.to_date.slice(0, 10)}`,
      sort: (one) => one.from_date,
    },
    {
      id: 'standing',
      head: 'State',
      width: 76,
      cell: standing,
      sort: standing,
    },
    {
      id: 'progress',
      head: 'Runs',
      width: 190,
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
      width: 76,
      cell: (one) =>
        act &&
        !one.completed_at && (
          <>
            <IconButton
              size="sm"
              icon={one.is_paused ? 'play' : 'pause'}
              label={one.is_paused ? t('backfill.resume', 'Resume') : t('backfill.pause', 'Pause')}
              onClick={() => act(one, one.is_paused ? 'unpause' : 'pause')}
            />
            <IconButton
              size="sm"
              icon="stop"
              label={t('backfill.cancel', 'Cancel')}
              onClick={() => act(one, 'cancel')}
            />
          </>
        ),
    },
  ]
}

function Progress({ of }: { of: Backfill }) {
  const all = of.progress ?? {}
  const total = all.total ?? 0
  const counts = Object.fromEntries(
    Object.entries(all).filter(([state]) => (STATES as readonly string[]).includes(state)),
  )
  const ended = (counts.success ?? 0) + (counts.failed ?? 0) + (counts.skipped ?? 0)
  return (
    <span
      className={styles.tools}
      title={t('backfill.of_total', '{n} of {all} ended', {
        n: ended,
        all: total,
      })}
    >
      <span>
        {ended} / {total}
      </span>
      <StateCounts counts={counts} max={3} />
    </span>
  )
}
