/** A task instance: its log, why it waits, what it was given and what it gave. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link as Linked, useLocation, useNavigate, useParams } from 'react-router'
import { useLive, useLiveStatus } from '../../api/events'
import { runQuery, type TaskDetail, taskQuery } from '../../api/queries/drawers'
import { Button, IconButton } from '../../kit/Button'
import { Drawer } from '../../kit/Drawer'
import { t } from '../../kit/i18n'
import { LayerContext, useKeys } from '../../kit/keys'
import { Menu } from '../../kit/Menu'
import { usePageTitle } from '../../kit/Page'
import { ErrorBox, Skeleton } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { severity } from '../../kit/states'
import { type Tab, Tabs } from '../../kit/Tabs'
import { Duration } from '../../kit/Time'
import { patchTask } from '../run/live'
import { DRAWER_LAYER, useDrawerClose } from '../run/useDrawerClose'
import { DetailsTab, LinksTab, RenderedTab, TaskAssets } from './FactTabs'
import { CodeTab, EventsTab } from './HistoryTabs'
import { LogTab } from './LogTab'
import { MappedTab } from './MappedTab'
import { mayEditTasks, mayReadAudit, mayReadCode, mayReadXComs } from './permissions'
import { isLive as goesOn, isWaiting, lineOf, type TaskPlace, taskUrl } from './place'
import styles from './Task.module.css'
import { type TaskDialog, TaskDialogs } from './TaskDialogs'
import { useStep } from './useStep'
import { WhyTab } from './WhyTab'
import { XComTab } from './XComTab'

/** Asked again while it goes on and nothing is pushed. */
const LIVE_MS = 5_000

export default function TaskPage() {
  const params = useParams()
  const place: TaskPlace = {
    dagId: params.dag_id ?? '',
    runId: params.run_id ?? '',
    taskId: params.task_id ?? '',
    mapIndex: params.map_index === undefined ? -1 : Number(params.map_index),
  }
  return (
    <LayerContext.Provider value={DRAWER_LAYER}>
      <TaskDrawer place={place} tab={params.task_tab ?? ''} />
    </LayerContext.Provider>
  )
}

function TaskDrawer({ place, tab }: { place: TaskPlace; tab: string }) {
  const { dagId, runId, taskId, mapIndex } = place
  const client = useQueryClient()
  const navigate = useNavigate()
  const location = useLocation()
  const close = useDrawerClose(dagId)
  const [dialog, setDialog] = useState<TaskDialog | null>(null)
  const pushed = useLiveStatus().state === 'live'
  const key = taskQuery(dagId, runId, taskId, mapIndex).queryKey
  useLive([`run:${dagId}/${runId}`], (events) => {
    const old = client.getQueryData<TaskDetail>(key)
    const next = old && events.reduce<TaskDetail>(patchTask, old)
    if (next === undefined || next === old) return
    client.setQueryData(key, next)
    // With the state come a try, an error line, links, reasons: these the event does not tell.
    void client.invalidateQueries({ queryKey: key, exact: true })
  })
  const detail = useQuery({
    ...taskQuery(dagId, runId, taskId, mapIndex, seesLastLog(tab, location)),
    refetchInterval: ({ state }) => (!pushed && goesOn(state.data?.ti?.state ?? 'success') ? LIVE_MS : false),
  })
  usePageTitle(`${taskId} · ${dagId}`)
  useStep(taskUrl(place), tab, async () => {
    const run = await client.ensureQueryData(runQuery(dagId, runId))
    return run.tasks.map((row) => taskUrl({ dagId, runId, taskId: row.id, mapIndex: row.map_index }))
  })
  const mayEdit = mayEditTasks(dagId)
  const group = t('keys.task', 'Task instance')
  useKeys(
    [
      { keys: 'r', label: t('keys.retry', 'Clear: run again'), group, run: () => setDialog({ kind: 'clear' }) },
      { keys: 'shift+c', run: () => setDialog({ kind: 'clear' }) },
      { keys: 's', label: t('keys.success', 'Mark as success'), group, run: () => setDialog({ kind: 'success' }) },
      { keys: 'shift+s', run: () => setDialog({ kind: 'success' }) },
      { keys: 'shift+f', label: t('keys.failed', 'Mark as failed'), group, run: () => setDialog({ kind: 'failed' }) },
    ],
    mayEdit && dialog === null,
  )
  const data = detail.isPlaceholderData ? undefined : detail.data
  const tabs = data === undefined ? [] : tabsOf(place, data, location.search)
  const shown = tabs.some((one) => one.id === tab) ? tab : (tabs[0]?.id ?? 'log')
  return (
    <Drawer
      title={
        <>
          {taskId}
          {mapIndex >= 0 && <span className="muted"> [{data?.ti?.rendered_map_index || mapIndex}]</span>}
        </>
      }
      onClose={close}
      sub={data ? <TaskFactsLine place={place} detail={data} /> : <div className={styles.factsLine}>&nbsp;</div>}
      actions={mayEdit && data !== undefined && <TaskActions onOpen={setDialog} />}
      tabs={
        tabs.length > 0 ? (
          <Tabs tabs={tabs} value={shown} label={t('task.tabs', 'Task instance')} panelId="task-panel" replace />
        ) : (
          <div className={styles.noTabs} />
        )
      }
      isLoading={data === undefined && !detail.isError}
      bare={shown === 'log' || shown === 'code'}
    >
      {detail.isError && data === undefined ? (
        <ErrorBox error={detail.error} what={t('task', 'Task')} onRetry={() => void detail.refetch()} />
      ) : data === undefined ? (
        <Skeleton rows={14} />
      ) : (
        <TabBody key={taskUrl(place)} tab={shown} place={place} detail={data} />
      )}
      {dialog !== null && data !== undefined && (
        <TaskDialogs
          place={place}
          note={data.note ?? ''}
          dialog={dialog}
          onClose={() => setDialog(null)}
          onCleared={() => navigate(`${taskUrl(place, tab)}${location.search}`, { replace: true })}
        />
      )}
    </Drawer>
  )
}

/** Whether what one sees is the log of the last try, from where it opens by itself. */
function seesLastLog(tab: string, { search, hash }: { search: string; hash: string }): boolean {
  return (tab === '' || tab === 'log') && !new URLSearchParams(search).has('try') && lineOf(hash) === null
}

function TabBody({ tab, place, detail }: { tab: string; place: TaskPlace; detail: TaskDetail }) {
  switch (tab) {
    case 'why':
      return <WhyTab place={place} detail={detail} />
    case 'details':
      return <DetailsTab place={place} detail={detail} />
    case 'rendered':
      return <RenderedTab place={place} rendered={detail.rendered} />
    case 'xcom':
      return <XComTab place={place} />
    case 'mapped':
      return <MappedTab place={place} detail={detail} />
    case 'assets':
      return <TaskAssets place={place} />
    case 'events':
      return <EventsTab place={place} />
    case 'code':
      return <CodeTab place={place} />
    case 'links':
      return <LinksTab links={detail.links} />
    default:
      return <LogTab place={place} detail={detail} />
  }
}

/** In the order of what one came for: a log when there is one, else the reason why there is none. */
export function tabsOf(place: TaskPlace, detail: TaskDetail, search: string): Tab[] {
  const { ti, mapped } = detail
  const state = ti?.state ?? null
  const isSummary = mapped !== null && place.mapIndex < 0 && (ti === null || mapped.total > 1)
  const to = (id: string) => `${taskUrl(place, id)}${search}`
  const log = { id: 'log', label: t('task.log', 'Log') }
  const why = { id: 'why', label: t('task.why', 'Why') }
  const hasRun = detail.tries.some((one) => one.start !== null)
  const all: (Tab | false)[] = [
    isSummary && { id: 'mapped', label: t('task.mapped', 'Mapped'), count: mapped.total },
    ...(isSummary ? [] : isWaiting(state) && !hasRun ? [why, log] : isWaiting(state) ? [log, why] : [log]),
    { id: 'details', label: t('task.details', 'Details') },
    !isSummary && Object.keys(detail.rendered).length > 0 && { id: 'rendered', label: t('task.rendered', 'Rendered') },
    !isSummary && mayReadXComs() && { id: 'xcom', label: t('task.xcom', 'XCom') },
    { id: 'assets', label: t('task.assets', 'Dataset events') },
    mayReadAudit() && { id: 'events', label: t('task.events', 'Events') },
    mayReadCode() && { id: 'code', label: t('task.code', 'Code') },
    Object.keys(detail.links).length > 0 && { id: 'links', label: t('task.links', 'Links') },
  ]
  return all.filter((one) => one !== false).map((one) => ({ ...one, to: to(one.id) }))
}

function TaskFactsLine({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const { ti } = detail
  const reason = detail.why.find((check) => !check.ok)?.reason ?? null
  return (
    <div className={styles.factsLine}>
      <StateBadge strong state={ti === null ? worstOf(detail.mapped?.states) : ti.state} reason={reason} />
      {ti !== null && (
        <>
          <span>
            <span className="muted">{t('task.try', 'Try')}</span> {ti.try}/{Math.max(ti.max_tries, ti.try)}
          </span>
          {(ti.start !== null || ti.duration !== null) && (
            <span>
              <span className="muted">{t('task.took', 'Took')}</span> <Duration start={ti.start} end={ti.end} />
            </span>
          )}
          {(ti.custom_operator_name || ti.operator) && (
            <span className={styles.fact}>{ti.custom_operator_name || ti.operator}</span>
          )}
          {ti.hostname && (
            <span className={styles.fact}>
              <span className="muted">{t('task.host', 'Host')}</span> {ti.hostname}
            </span>
          )}
          {ti.pool && ti.pool !== 'default_pool' && (
            <span className={styles.fact}>
              <span className="muted">{t('task.pool', 'Pool')}</span> {ti.pool}
            </span>
          )}
          {ti.queue && ti.queue !== 'default' && (
            <span className={styles.fact}>
              <span className="muted">{t('task.queue', 'Queue')}</span> {ti.queue}
            </span>
          )}
        </>
      )}
      <RunLink place={place} />
    </div>
  )
}

/** Of a mapped task as a whole: the worst of its instances. */
function worstOf(states: Record<string, number> | undefined): string | null {
  const [worst] = Object.keys(states ?? {}).sort((a, b) => severity(a) - severity(b))
  return worst ?? null
}

function RunLink({ place }: { place: TaskPlace }) {
  const url =
    place.mapIndex >= 0
      ? taskUrl({ ...place, mapIndex: -1 })
      : `/dags/${encodeURIComponent(place.dagId)}/runs/${encodeURIComponent(place.runId)}`
  const text = place.mapIndex >= 0 ? t('task.allMapped', 'All mapped') : place.runId
  return (
    <Linked to={url} title={place.runId}>
      {text}
    </Linked>
  )
}

function TaskActions({ onOpen }: { onOpen: (dialog: TaskDialog) => void }) {
  return (
    <>
      <Button size="sm" icon="retry" hotkey="r" onClick={() => onOpen({ kind: 'clear' })}>
        <span className={styles.word}>{t('task.clear', 'Clear')}</span>
      </Button>
      <Menu
        label={t('task.mark', 'Mark as')}
        align="end"
        trigger={(props) => (
          <Button size="sm" icon="check" {...props}>
            <span className={styles.word}>{t('task.mark', 'Mark as')}</span>
          </Button>
        )}
        items={[
          { label: t('state.success', 'Success'), hint: 's', onSelect: () => onOpen({ kind: 'success' }) },
          { label: t('state.failed', 'Failed'), hint: 'shift f', onSelect: () => onOpen({ kind: 'failed' }) },
          { label: t('state.skipped', 'Skipped'), onSelect: () => onOpen({ kind: 'skipped' }) },
        ]}
      />
      <IconButton icon="note" label={t('task.note', 'Note')} onClick={() => onOpen({ kind: 'note' })} />
    </>
  )
}
