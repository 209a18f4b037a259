/** The DAG page with what lies over it: a run's or a task's drawer, or that alone with ?full=1. */
import { lazy, Suspense, useEffect } from 'react'
import { Navigate, Outlet, useLocation, useMatch } from 'react-router'
import { useFullPage } from '../kit/Drawer'
import { onFirstHand } from '../kit/hands'
import { Skeleton } from '../kit/Placeholder'
import { redirectOf } from './redirects'

const DagPage = lazy(() => import('../pages/dag'))

const loadDrawers = () => {
  void import('../pages/task')
  void import('../pages/run')
}

export function DagLayout() {
  useEffect(() => onFirstHand(loadDrawers), [])
  const [isFull] = useFullPage()
  const { pathname, search } = useLocation()
  const drawer = useMatch('/dags/:dag_id/runs/:run_id/*')
  // Airflow 2 wrote /dags/x/grid?dag_run_id=…, and "grid", "tree", "calendar" tabs of other names.
  const elsewhere = redirectOf(pathname, new URLSearchParams(search))
  if (elsewhere) return <Navigate to={elsewhere} replace />
  return (
    <>
      {!(isFull && drawer) && (
        <Suspense fallback={<Skeleton rows={12} />}>
          <DagPage />
        </Suspense>
      )}
      <Outlet />
    </>
  )
}
