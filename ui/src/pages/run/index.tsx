/** A run: what failed in it, its merged log, what it was started with. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useNavigate, useParams } from 'react-router'
import { get, seg, v1 } from '../../api/client'
import { useLiveQuery, useLiveStatus } from '../../api/events'
import { type RunDetail, runQuery } from '../../api/queries/drawers'
import { Button, IconButton } from '../../kit/Button'
import { Drawer } from '../../kit/Drawer'
import { t } from '../../kit/i18n'
import { LayerContext, useKeys } from '../../kit/keys'
import { Menu, type MenuItem } from '../../kit/Menu'
import { usePageTitle } from '../../kit/Page'
import { ErrorBox, Skeleton } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { Tabs } from '../../kit/Tabs'
import { Duration, Time } from '../../kit/Time'
import { LogViewer } from '../../logs/LogViewer'
import { EventsTab } from '../task/HistoryTabs'
import { mayDeleteRuns, mayEditRuns, mayEditTasks, mayReadAudit, mayTrigger } from '../task/permissions'
import { lineOf, runUrl } from '../task/place'
import taskStyles from '../task/Task.module.css'
import { useStep } from '../task/useStep'
import { patchRun } from './live'
import { RunDetails } from './RunDetails'
import { type RunDialog, RunDialogs } from './RunDialogs'
import { TaskList } from './TaskList'
import { DRAWER_LAYER, useDrawerClose } from './useDrawerClose'

/** Asked again while it goes on and nothing is pushed. */
const LIVE_MS = 5_000

export default function RunPage() {
  const { dag_id = '', run_id = '', run_tab = '' } = useParams()
  return (
    <LayerContext.Provider value={DRAWER_LAYER}>
      <RunDrawer dagId={dag_id} runId={run_id} tab={run_tab} />
    </LayerContext.Provider>
  )
}

function RunDrawer({ dagId, runId, tab }: { dagId: string; runId: string; tab: string }) {
  const { search } = useLocation()
  const close = useDrawerClose(dagId)
  const [dialog, setDialog] = useState<RunDialog | null>(null)
  const isLive = useLiveStatus().state === 'live'
  useLiveQuery(runQuery(dagId, runId).queryKey, [`run:${dagId}/${runId}`], patchRun)
  const detail = useQuery({
    ...runQuery(dagId, runId),
    refetchInterval: ({ state }) => (!isLive && isGoing(state.data?.run.state) ? LIVE_MS : false),
  })
  usePageTitle(`${runId} · ${dagId}`)
  useStep(runUrl(dagId, runId), tab, () => runsOf(dagId))
  const may = mayOf(dagId)
  const group = t('keys.run', 'Run')
  useKeys(
    [
      { keys: 'r', label: t('keys.clearRun', 'Clear: run again'), group, run: () => setDialog({ kind: 'clear' }) },
      { keys: 'shift+c', run: () => setDialog({ kind: 'clear' }) },
    ],
    may.clear && dialog === null,
  )
  useKeys(
    [
      { keys: 's', label: t('keys.successRun', 'Mark as success'), group, run: () => setDialog({ kind: 'success' }) },
      { keys: 'shift+s', run: () => setDialog({ kind: 'success' }) },
      {
        keys: 'shift+f',
        label: t('keys.failedRun', 'Mark as failed'),
        group,
        run: () => setDialog({ kind: 'failed' }),
      },
    ],
    may.mark && dialog === null,
  )
  const data = detail.data
  const to = (id: string) => `${runUrl(dagId, runId, id)}${search}`
  const tabs = [
    { id: 'tasks', label: t('run.tasks', 'Tasks'), count: data?.total ?? data?.tasks.length, to: to('tasks') },
    { id: 'log', label: t('run.log', 'Log'), to: to('log') },
    { id: 'details', label: t('run.details', 'Details'), to: to('details') },
    ...(mayReadAudit() ? [{ id: 'events', label: t('run.events', 'Events'), to: to('events') }] : []),
  ]
  const shown = tabs.some((one) => one.id === tab) ? tab : 'tasks'
  return (
    <Drawer
      title={runId}
      onClose={close}
      sub={data ? <RunFacts detail={data} /> : <div className={taskStyles.factsLine}>&nbsp;</div>}
      actions={data !== undefined && <RunActions may={may} onOpen={setDialog} />}
      tabs={<Tabs tabs={tabs} value={shown} label={t('run.tabs', 'Run')} replace />}
      bare={shown === 'log'}
    >
      {data === undefined ? (
        detail.isError ? (
          <ErrorBox error={detail.error} what={t('run', 'Run')} onRetry={() => void detail.refetch()} />
        ) : (
          <Skeleton rows={14} />
        )
      ) : shown === 'log' ? (
        <RunLog dagId={dagId} runId={runId} state={data.run.state} />
      ) : shown === 'details' ? (
        <RunDetails detail={data} />
      ) : shown === 'events' ? (
        <EventsTab place={{ dagId, runId }} />
      ) : (
        <TaskList dagId={dagId} runId={runId} detail={data} />
      )}
      {dialog !== null && data !== undefined && (
        <RunDialogs detail={data} dialog={dialog} onClose={() => setDialog(null)} onDeleted={close} />
      )}
    </Drawer>
  )
}

const isGoing = (state: string | null | undefined) => state === 'running' || state === 'queued'

async function runsOf(dagId: string): Promise<string[]> {
  const query = { limit: 100, order_by: '-execution_date' }
  const answer = await get<{ dag_runs: { dag_run_id: string }[] }>(v1(`/dags/${seg(dagId)}/dagRuns`), { query })
  return answer.dag_runs.map((run) => runUrl(dagId, run.dag_run_id))
}

type May = { clear: boolean; mark: boolean; trigger: boolean; remove: boolean }

const mayOf = (dagId: string): May => ({
  clear: mayEditTasks(dagId) || mayEditRuns(dagId),
  mark: mayEditRuns(dagId),
  trigger: mayTrigger(dagId),
  remove: mayDeleteRuns(dagId),
})

function RunFacts({ detail }: { detail: RunDetail }) {
  const { run } = detail
  return (
    <div className={taskStyles.factsLine}>
      <StateBadge strong state={run.state} />
      {run.start !== null && (
        <span>
          <span className="muted">{t('run.took', 'Took')}</span> <Duration start={run.start} end={run.end} />
        </span>
      )}
      <span>{run.type}</span>
      <span>
        <span className="muted">{t('run.logical', 'Logical date')}</span> <Time at={run.logical} mode="absolute" />
      </span>
      <Link to={`/dags/${seg(run.dag_id)}`}>{run.dag_id}</Link>
    </div>
  )
}

function RunActions({ may, onOpen }: { may: May; onOpen: (dialog: RunDialog) => void }) {
  const items: MenuItem[] = [
    ...(may.mark
      ? ([
          {
            label: t('run.markSuccess', 'Mark as success'),
            icon: 'check',
            hint: 's',
            onSelect: () => onOpen({ kind: 'success' }),
          },
          {
            label: t('run.markFailed', 'Mark as failed'),
            icon: 'close',
            hint: 'shift f',
            onSelect: () => onOpen({ kind: 'failed' }),
          },
        ] satisfies MenuItem[])
      : []),
    ...(may.trigger
      ? ([
          {
            label: t('run.again', 'Run again with this conf'),
            icon: 'play',
            onSelect: () => onOpen({ kind: 'again' }),
          },
        ] satisfies MenuItem[])
      : []),
    ...(may.remove
      ? ([
          { kind: 'separator' },
          {
            label: t('run.deleteIt', 'Delete'),
            icon: 'trash',
            danger: true,
            onSelect: () => onOpen({ kind: 'delete' }),
          },
        ] satisfies MenuItem[])
      : []),
  ]
  return (
    <>
      {may.clear && (
        <Button size="sm" icon="retry" hotkey="r" onClick={() => onOpen({ kind: 'clear' })}>
          <span className={taskStyles.word}>{t('run.clear', 'Clear')}</span>
        </Button>
      )}
      {may.mark && <IconButton icon="note" label={t('run.note', 'Note')} onClick={() => onOpen({ kind: 'note' })} />}
      {items.length > 0 && (
        <Menu
          label={t('run.more', 'More actions')}
          align="end"
          trigger={(props) => <IconButton icon="more" label={t('run.more', 'More actions')} {...props} />}
          items={items}
        />
      )}
    </>
  )
}

function RunLog({ dagId, runId, state }: { dagId: string; runId: string; state: string | null }) {
  const location = useLocation()
  const navigate = useNavigate()
  return (
    <div className={taskStyles.log}>
      <LogViewer
        source={{ kind: 'run', dagId, runId }}
        state={state}
        line={lineOf(location.hash)}
        onLine={(line) =>
          navigate({ search: location.search, hash: `#L${line}` }, { replace: true, state: location.state })
        }
        label={t('run.merged', 'Log of all tasks')}
      />
    </div>
  )
}
