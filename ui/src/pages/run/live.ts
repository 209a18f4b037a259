/** Changes patched into the drawers' answers. Pure. */
import type { LiveEvent } from '../../api/events'
import type { RunDetail, TaskDetail } from '../../api/queries/drawers'
import { severity } from '../../kit/states'

const ENDED: ReadonlySet<string | null> = new Set(['success', 'failed', 'skipped', 'upstream_failed', 'removed'])

/** A task instance's or the run's new state; the list stays with what failed first. */
export function patchRun(old: RunDetail, event: LiveEvent): RunDetail {
  if (event.type === 'run') {
    const ended = event.state === 'success' || event.state === 'failed'
    return { ...old, run: { ...old.run, state: event.state, end: ended ? event.at : null } }
  }
  if (event.type !== 'ti') return old
  const at = old.tasks.findIndex((row) => row.id === event.task_id && row.map_index === event.map_index)
  const row = old.tasks[at]
  if (row === undefined || row.state === event.state) return old
  const tasks = old.tasks.slice()
  tasks[at] = {
    ...row,
    state: event.state,
    try: event.try_number ?? row.try,
    start: event.state === 'running' ? event.at : row.start,
    end: ENDED.has(event.state) ? event.at : null,
  }
  const states = { ...old.states }
  const [before, after] = [row.state ?? 'none', event.state ?? 'none']
  states[before] = (states[before] ?? 1) - 1
  if (states[before] === 0) delete states[before]
  states[after] = (states[after] ?? 0) + 1
  if (severity(row.state) !== severity(event.state)) tasks.sort((a, b) => rank(a.state) - rank(b.state))
  return { ...old, tasks, states }
}

function rank(state: string | null): number {
  return state === 'failed' ? 0 : state === 'upstream_failed' ? 1 : 2
}

/** The state at once; what else changed with it (links, tries, reasons) the owner asks for when the try has ended. */
export function patchTask(old: TaskDetail, event: LiveEvent): TaskDetail {
  const { ti } = old
  if (ti === null || event.type !== 'ti' || event.task_id !== ti.task_id || event.map_index !== ti.map_index) return old
  const when = event.at === null ? null : new Date(event.at * 1000).toISOString()
  return {
    ...old,
    ti: {
      ...ti,
      state: event.state,
      try: event.try_number ?? ti.try,
      start: event.state === 'running' ? when : ti.start,
      end: ENDED.has(event.state) ? when : null,
    },
  }
}
