/** Closing a drawer: to the page it lies over, as it was. */
import { useLocation, useNavigate } from 'react-router'
import { seg } from '../../api/client'
import type { DrawerState } from '../task/useStep'

/** Of keys: before those of the page below, after those of dialogs. */
export const DRAWER_LAYER = 0.5

export function useDrawerClose(dagId: string): () => void {
  const navigate = useNavigate()
  const location = useLocation()
  const from = (location.state as DrawerState)?.from
  return () => {
    const params = new URLSearchParams(location.search)
    // What belongs to the drawer goes with it; filters of the page below stay.
    for (const name of ['full', 'try', 'beside', 'state']) params.delete(name)
    const search = params.toString()
    navigate(from ?? `/dags/${seg(dagId)}${search === '' ? '' : `?${search}`}`)
  }
}
