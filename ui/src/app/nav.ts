/** The places of the rail, the bottom bar and the palette. What the visitor may not see is not there. */
import { can, getBoot } from '../api/boot'
import { t } from '../kit/i18n'
import type { IconName } from '../kit/icons'

export type Place = { to: string; label: string; icon: IconName; keys?: string; needs?: string; section: Section }
export type Section = 'main' | 'browse' | 'admin'

const places = (): Place[] => [
  { to: '/', label: t('nav.home', 'Home'), icon: 'home', keys: 'g h', section: 'main' },
  { to: '/dags', label: t('nav.dags', 'DAGs'), icon: 'dag', keys: 'g d', needs: 'DAGs', section: 'main' },
  { to: '/dag_runs', label: t('nav.runs', 'Runs'), icon: 'runs', keys: 'g r', needs: 'DAG Runs', section: 'main' },
  { to: '/assets', label: t('nav.assets', 'Datasets'), icon: 'asset', keys: 'g a', needs: 'Datasets', section: 'main' },
  {
    to: '/timeline',
    label: t('nav.timeline', 'Timeline'),
    icon: 'timeline',
    keys: 'g t',
    needs: 'DAG Runs',
    section: 'main',
  },
  {
    to: '/task_instances',
    label: t('nav.instances', 'Task instances'),
    icon: 'task',
    keys: 'g i',
    needs: 'Task Instances',
    section: 'browse',
  },
  {
    to: '/backfills',
    label: t('nav.backfills', 'Backfills'),
    icon: 'backfill',
    keys: 'g b',
    needs: 'DAG Runs',
    section: 'browse',
  },
  {
    to: '/dependencies',
    label: t('nav.dependencies', 'DAG dependencies'),
    icon: 'graph',
    needs: 'DAG Dependencies',
    section: 'browse',
  },
  {
    to: '/events',
    label: t('nav.audit', 'Audit log'),
    icon: 'audit',
    keys: 'g l',
    needs: 'Audit Logs',
    section: 'browse',
  },
  { to: '/xcoms', label: t('nav.xcoms', 'XComs'), icon: 'xcom', needs: 'XComs', section: 'browse' },
  { to: '/jobs', label: t('nav.jobs', 'Jobs and health'), icon: 'heart', needs: 'Jobs', section: 'browse' },
  {
    to: '/import_errors',
    label: t('nav.errors', 'Import errors'),
    icon: 'error',
    keys: 'g e',
    needs: 'ImportError',
    section: 'browse',
  },
  {
    to: '/connections',
    label: t('nav.connections', 'Connections'),
    icon: 'connection',
    keys: 'g c',
    needs: 'Connections',
    section: 'admin',
  },
  {
    to: '/variables',
    label: t('nav.variables', 'Variables'),
    icon: 'variable',
    keys: 'g v',
    needs: 'Variables',
    section: 'admin',
  },
  { to: '/pools', label: t('nav.pools', 'Pools'), icon: 'pool', keys: 'g p', needs: 'Pools', section: 'admin' },
  { to: '/users', label: t('nav.users', 'Users'), icon: 'user', needs: 'Users', section: 'admin' },
  { to: '/roles', label: t('nav.roles', 'Roles'), icon: 'role', needs: 'Roles', section: 'admin' },
  { to: '/tokens', label: t('nav.tokens', 'Access tokens'), icon: 'token', section: 'admin' },
  {
    to: '/configs',
    label: t('nav.config', 'Configuration'),
    icon: 'config',
    needs: 'Configurations',
    section: 'admin',
  },
  { to: '/plugins', label: t('nav.plugins', 'Plugins'), icon: 'plugin', needs: 'Plugins', section: 'admin' },
  { to: '/providers', label: t('nav.providers', 'Providers'), icon: 'provider', needs: 'Providers', section: 'admin' },
]

/** What this visitor may see. A permission on one DAG is enough for the list of DAGs. */
export function visiblePlaces(section?: Section): Place[] {
  const anyDag = getBoot().permissions.some(([action, what]) => action === 'can_read' && what.startsWith('DAG:'))
  return places().filter(
    (place) =>
      (!section || place.section === section) &&
      (!place.needs || can('can_read', place.needs) || (place.needs === 'DAGs' && anyDag)),
  )
}

/** Whether a path lies in a place: "/dags/x" in "/dags". */
export function isAt(place: Place, pathname: string): boolean {
  return place.to === '/' ? pathname === '/' : pathname === place.to || pathname.startsWith(`${place.to}/`)
}

export type Crumb = { label: string; to: string }

/** The way to where one is. Pure. */
export function crumbsOf(pathname: string, all: readonly Place[]): Crumb[] {
  const parts = pathname.split('/').filter(Boolean).map(decoded)
  if (parts.length === 0) return []
  const place = all.find((one) => one.to === `/${parts[0]}`)
  const crumbs: Crumb[] = [{ label: place?.label ?? sentence(parts[0] ?? ''), to: `/${parts[0]}` }]
  if (parts[0] !== 'dags' || !parts[1]) return crumbs
  const dag = `/dags/${encodeURIComponent(parts[1])}`
  crumbs.push({ label: parts[1], to: dag })
  if (parts[2] === 'compare' || parts[2] === 'trigger') crumbs.push({ label: sentence(parts[2]), to: pathname })
  if (parts[2] !== 'runs' || !parts[3]) return crumbs
  const run = `${dag}/runs/${encodeURIComponent(parts[3])}`
  crumbs.push({ label: parts[3], to: run })
  if (parts[4] !== 'tasks' || !parts[5]) return crumbs
  const isMapped = parts[6] === 'mapped' && parts[7] !== undefined
  const task = `${run}/tasks/${encodeURIComponent(parts[5])}`
  crumbs.push({
    label: isMapped ? `${parts[5]} [${parts[7]}]` : parts[5],
    to: isMapped ? `${task}/mapped/${parts[7]}` : task,
  })
  return crumbs
}

/** What the address says, as a name: of a page that the visitor may not see. */
const sentence = (part: string) => (part.charAt(0).toUpperCase() + part.slice(1)).replaceAll('_', ' ')

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
