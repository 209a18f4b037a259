/** `j` and `k`: the next and the previous row of the list that the drawer was opened from. */
import { useLocation, useNavigate } from 'react-router'
import { t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { neighbour } from './place'

/** A view that opens a drawer may give its rows: `navigate(url, { state: { rows: [urls] } })`. */
export type DrawerState = { rows?: readonly string[]; from?: string } | null

/** `otherwise` gives the rows when the link came from elsewhere; it is asked on the first press only. */
export function useStep(here: string, tab: string, otherwise: () => Promise<readonly string[]>): void {
  const navigate = useNavigate()
  const location = useLocation()
  const state = location.state as DrawerState
  const go = async (by: 1 | -1) => {
    const rows = state?.rows ?? (await otherwise())
    const next = neighbour(rows, here, by)
    if (next === null) return
    navigate(`${next}${tab === '' ? '' : `/${tab}`}${location.search}`, { replace: true, state: { ...state, rows } })
  }
  const group = t('keys.drawer', 'Drawer')
  useKeys([
    { keys: 'j', label: t('keys.nextRow', 'Next row'), group, run: () => void go(1) },
    { keys: 'k', label: t('keys.previousRow', 'Previous row'), group, run: () => void go(-1) },
  ])
}
