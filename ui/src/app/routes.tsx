/** Every page's path (Airflow 3's), each loaded when it is first shown. Airflow 2's paths lead here too: redirects.ts */
import { type ComponentType, lazy, Suspense } from 'react'
import { Navigate, Route, Routes, useLocation } from 'react-router'
import { useFullPage } from '../kit/Drawer'
import { Skeleton } from '../kit/Placeholder'
import { DagLayout } from './DagLayout'
import { NotFound } from './NotFound'
import { redirectOf } from './redirects'

const page = (load: () => Promise<{ default: ComponentType }>, fallback = <Skeleton rows={12} />) => {
  const Lazy = lazy(load)
  return (
    <Suspense fallback={fallback}>
      <Lazy />
    </Suspense>
  )
}

/** Over the page behind it nothing stands for a drawer that is not there yet: it would move that page's own. */
function ComingDrawer() {
  const [isFull] = useFullPage()
  return isFull ? <Skeleton rows={12} /> : <span hidden data-loading="" />
}

const home = page(() => import('../pages/home'))
const dags = page(() => import('../pages/dags'))
const run = page(() => import('../pages/run'), <ComingDrawer />)
const task = page(() => import('../pages/task'), <ComingDrawer />)

const ADMIN: Record<string, () => Promise<{ default: ComponentType }>> = {
  events: () => import('../pages/admin/events'),
  xcoms: () => import('../pages/admin/xcoms'),
  jobs: () => import('../pages/admin/jobs'),
  import_errors: () => import('../pages/admin/import_errors'),
  connections: () => import('../pages/admin/connections'),
  variables: () => import('../pages/admin/variables'),
  pools: () => import('../pages/admin/pools'),
  users: () => import('../pages/admin/users'),
  roles: () => import('../pages/admin/roles'),
  tokens: () => import('../pages/admin/tokens'),
  configs: () => import('../pages/admin/configs'),
  plugins: () => import('../pages/admin/plugins'),
  providers: () => import('../pages/admin/providers'),
}

const OTHERS: Record<string, () => Promise<{ default: ComponentType }>> = {
  dag_runs: () => import('../pages/runs'),
  task_instances: () => import('../pages/instances'),
  assets: () => import('../pages/datasets'),
  'assets/:asset_id': () => import('../pages/dataset'),
  dependencies: () => import('../pages/dependencies'),
  timeline: () => import('../pages/timeline'),
  backfills: () => import('../pages/backfills'),
  'dags/:dag_id/compare': () => import('../pages/compare'),
  'dags/:dag_id/trigger': () => import('../pages/trigger'),
  ...ADMIN,
}

const others = Object.entries(OTHERS).map(([path, load]) => <Route key={path} path={path} element={page(load)} />)

/** The run and task pages are drawers over the DAG page, which stays as it was while they come and go. */
export function Pages() {
  return (
    <Routes>
      <Route path="/" element={home} />
      <Route path="/dags" element={dags} />
      <Route path="/dags/:dag_id" element={<DagLayout />}>
        <Route index element={null} />
        <Route path=":tab" element={null} />
        <Route path="runs/:run_id" element={run} />
        <Route path="runs/:run_id/:run_tab" element={run} />
        <Route path="runs/:run_id/tasks/:task_id" element={task} />
        <Route path="runs/:run_id/tasks/:task_id/:task_tab" element={task} />
        <Route path="runs/:run_id/tasks/:task_id/mapped/:map_index" element={task} />
        <Route path="runs/:run_id/tasks/:task_id/mapped/:map_index/:task_tab" element={task} />
      </Route>
      {others}
      <Route path="*" element={<Elsewhere />} />
    </Routes>
  )
}

function Elsewhere() {
  const { pathname, search } = useLocation()
  const to = redirectOf(pathname, new URLSearchParams(search))
  return to ? <Navigate to={to} replace /> : <NotFound />
}
