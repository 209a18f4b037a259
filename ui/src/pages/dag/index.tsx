/** The page of a DAG: its head, the matrix at the left, and what else there is to see of it in tabs at the right. */
import { Suspense, useEffect, useState } from 'react'
import { useLocation, useMatch, useNavigate, useParams } from 'react-router'
import { ApiError, seg } from '../../api/client'
import { useDagHead } from '../../api/queries/dag'
import { t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { Page, usePageTitle } from '../../kit/Page'
import { ErrorBox, Gone, Skeleton } from '../../kit/Placeholder'
import { Tabs } from '../../kit/Tabs'
import { DagContext, type DagView } from './context'
import { type Asked, DagDialogs } from './Dialogs'
import styles from './dag.module.css'
import { Head } from './Head'
import { MatrixPane } from './MatrixPane'
import { Split, useNarrow } from './Split'
import { isTab, TabPanel, tabList } from './tabs'

/** The tab that a DAG was left with: a drawer's path has no place for it. */
const lastTab = new Map<string, string>()

function useTab(dagId: string, isNarrow: boolean): string {
  const { tab } = useParams()
  const given = tab && isTab(tab) ? tab : null
  useEffect(() => {
    if (given) lastTab.set(dagId, given)
  }, [dagId, given])
  const isDrawer = useMatch('/dags/:dag_id/runs/:run_id/*') !== null
  return given ?? (isDrawer ? lastTab.get(dagId) : null) ?? (isNarrow ? 'grid' : 'overview')
}

export default function DagPage() {
  const { dag_id: dagId = '' } = useParams()
  const head = useDagHead(dagId)
  usePageTitle(head.data?.name || dagId)
  if (head.error instanceof ApiError && head.error.isGone) return <NoDag dagId={dagId} />
  return <Content key={dagId} dagId={dagId} head={head} />
}

function NoDag({ dagId }: { dagId: string }) {
  return (
    <Page title={dagId}>
      <Gone what={t('dag.gone', 'DAG {dag}', { dag: dagId })} />
    </Page>
  )
}

function Content({ dagId, head }: { dagId: string; head: ReturnType<typeof useDagHead> }) {
  const isNarrow = useNarrow()
  const tab = useTab(dagId, isNarrow)
  const navigate = useNavigate()
  const { search } = useLocation()
  const [asked, setAsked] = useState<Asked | null>(null)
  const drawer = useMatch('/dags/:dag_id/runs/:run_id/*')
  const kept = withoutFull(search)
  const to = (id: string) => `/dags/${seg(dagId)}/${id}${kept}`
  const runPath = (run: string) => `/dags/${seg(dagId)}/runs/${seg(run)}`
  const view: DagView = {
    dagId,
    head: head.data,
    may: (letter) => head.data?.perms?.includes(letter) ?? false,
    active: activeOf(drawer?.params.run_id, drawer?.params['*']),
    openRun: (run) => navigate(`${runPath(run)}${kept}`),
    openTask: (run, task) => navigate(`${runPath(run)}/tasks/${seg(task)}${kept}`),
    openTab: (id, query) => navigate(query ? `/dags/${seg(dagId)}/${id}?${query}` : to(id)),
    ask: setAsked,
  }
  useKeys(
    [
      {
        keys: 't',
        label: t('dag.trigger', 'Trigger'),
        group: 'DAG',
        run: () => view.may('t') && setAsked({ kind: 'trigger' }),
      },
      {
        keys: 'g g',
        label: t('dag.graph', 'Graph'),
        group: 'DAG',
        run: () => navigate(to('graph')),
      },
      {
        keys: 'g o',
        label: t('dag.overview', 'Overview'),
        group: 'DAG',
        run: () => navigate(to('overview')),
      },
    ],
    drawer === null,
  )
  const tabs = tabList(isNarrow, head.data).map((one) => ({
    ...one,
    to: to(one.id),
  }))
  const panel = (
    <div className={styles.right}>
      <Tabs tabs={tabs} value={tab} label={t('dag.views', 'Views of the DAG')} replace />
      <div className={styles.panel} data-tab-panel={tab}>
        {tab === 'grid' ? (
          isNarrow ? (
            <MatrixPane />
          ) : (
            <TabPanel tab="overview" />
          )
        ) : (
          <Suspense fallback={<Skeleton rows={10} />}>
            <TabPanel tab={tab} />
          </Suspense>
        )}
      </div>
    </div>
  )
  return (
    <DagContext.Provider value={view}>
      <div className={styles.page}>
        <Head query={head} />
        {head.isError && !head.data ? (
          <ErrorBox error={head.error} onRetry={() => void head.refetch()} />
        ) : isNarrow ? (
          panel
        ) : (
          <Split left={<MatrixPane />} right={panel} />
        )}
      </div>
      {asked && <DagDialogs dagId={dagId} asked={asked} onClose={() => setAsked(null)} />}
    </DagContext.Provider>
  )
}

function withoutFull(search: string): string {
  const params = new URLSearchParams(search)
  params.delete('full')
  params.delete('try')
  const text = params.toString()
  return text ? `?${text}` : ''
}

function activeOf(run: string | undefined, rest: string | undefined): DagView['active'] {
  if (!run) return null
  const parts = (rest ?? '').split('/')
  return {
    run,
    task: parts[0] === 'tasks' && parts[1] ? decodeURIComponent(parts[1]) : null,
  }
}
