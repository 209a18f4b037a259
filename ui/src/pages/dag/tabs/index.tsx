/** The tabs of the DAG page, each fetched when it is first shown. */
import { lazy } from 'react'
import type { DagHead } from '../../../api/queries/dag'
import { t } from '../../../kit/i18n'

const TABS = {
  overview: { label: 'Overview', View: lazy(() => import('./Overview')) },
  runs: { label: 'Runs', View: lazy(() => import('./Runs')) },
  graph: { label: 'Graph', View: lazy(() => import('./Graph')) },
  gantt: { label: 'Gantt', View: lazy(() => import('./Gantt')) },
  calendar: { label: 'Calendar', View: lazy(() => import('./Calendar')) },
  durations: { label: 'Durations', View: lazy(() => import('./Durations')) },
  tasks: { label: 'Tasks', View: lazy(() => import('./Tasks')) },
  backfills: { label: 'Backfills', View: lazy(() => import('./Backfills')) },
  events: { label: 'Events', View: lazy(() => import('./Events')) },
  code: { label: 'Code', View: lazy(() => import('./Code')) },
  details: { label: 'Details', View: lazy(() => import('./Details')) },
} as const

type TabId = keyof typeof TABS

/** Not in the row of tabs: logs side by side come from a selection. */
const Logs = lazy(() => import('./Logs'))

/** Whether a path's word is one of ours. */
export function isTab(id: string): boolean {
  return id in TABS || id === 'grid' || id === 'logs'
}

/** The tabs a visitor sees: on a narrow screen the matrix is one of them, and what may not be seen is left out. */
export function tabList(isNarrow: boolean, head: DagHead | undefined): { id: string; label: string; count?: number }[] {
  const perms = head?.perms
  const hidden = new Set<string>([
    ...(perms && !perms.includes('s') ? ['code'] : []),
    ...(perms && !perms.includes('r') ? ['runs', 'backfills', 'calendar', 'durations', 'gantt'] : []),
  ])
  const own = Object.entries(TABS)
    .filter(([id]) => !hidden.has(id))
    .map(([id, tab]) => ({
      id,
      label: t(`dag.tab.${id}`, tab.label),
      ...countOf(head, id),
    }))
  return isNarrow ? [{ id: 'grid', label: t('dag.tab.grid', 'Grid') }, ...own] : own
}

function countOf(head: DagHead | undefined, id: string): { count?: number } {
  const count = id === 'backfills' ? head?.counts?.backfills : undefined
  return count ? { count } : {}
}

export function TabPanel({ tab }: { tab: string }) {
  if (tab === 'logs') return <Logs />
  const { View } = TABS[tab as TabId] ?? TABS.overview
  return <View />
}
