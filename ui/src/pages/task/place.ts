/** Where a task instance is: its URL, its tabs, the rows beside it. Pure. */
import { seg } from '../../api/client'

export type TaskPlace = { dagId: string; runId: string; taskId: string; mapIndex: number }

export const runUrl = (dagId: string, runId: string, tab = ''): string =>
  `/dags/${seg(dagId)}/runs/${seg(runId)}${tab === '' ? '' : `/${tab}`}`

export function taskUrl(place: TaskPlace, tab = ''): string {
  const mapped = place.mapIndex >= 0 ? `/mapped/${place.mapIndex}` : ''
  return `${runUrl(place.dagId, place.runId)}/tasks/${seg(place.taskId)}${mapped}${tab === '' ? '' : `/${tab}`}`
}

/** States in which a task instance neither runs nor has ended: then the question is why. */
const WAITING: ReadonlySet<string | null> = new Set([
  null,
  'none',
  'scheduled',
  'queued',
  'up_for_retry',
  'up_for_reschedule',
  'deferred',
])

export function isWaiting(state: string | null): boolean {
  return WAITING.has(state)
}

/** States that go on by themselves. */
export function isLive(state: string | null): boolean {
  return isWaiting(state) || state === 'running' || state === 'restarting'
}

/** The line of `#L120`. */
export function lineOf(hash: string): number | null {
  const match = /^#L(\d{1,9})$/.exec(hash)
  return match === null ? null : Number(match[1])
}

/** The neighbour of `here` in a list of URLs; null at its ends and when it is not in it. */
export function neighbour(list: readonly string[], here: string, by: 1 | -1): string | null {
  const at = list.indexOf(here)
  return at < 0 ? null : (list[at + by] ?? null)
}
