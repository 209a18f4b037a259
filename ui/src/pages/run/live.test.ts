import { describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../api/events'
import type { RunDetail, TaskDetail } from '../../api/queries/drawers'
import { patchRun, patchTask } from './live'

const event = (change: Partial<LiveEvent>): LiveEvent => ({
  type: 'ti',
  kind: '',
  dag_id: 'd',
  run_id: 'r',
  task_id: 'b',
  map_index: -1,
  state: 'failed',
  try_number: 2,
  at: 50,
  data: {},
  ...change,
})

const row = (id: string, state: string | null) => ({ id, map_index: -1, state, start: 1, end: null, try: 1 })

const run = {
  run: { state: 'running', end: null },
  tasks: [row('a', 'success'), row('b', 'running')],
  states: { success: 1, running: 1 },
} as unknown as RunDetail

describe('live changes', () => {
  it('move what failed to the top and count anew', () => {
    const next = patchRun(run, event({}))
    expect(next.tasks.map((one) => [one.id, one.state, one.end])).toEqual([
      ['b', 'failed', 50],
      ['a', 'success', null],
    ])
    expect(next.states).toEqual({ success: 1, failed: 1 })
    expect(run.states).toEqual({ success: 1, running: 1 })
  })

  it('end the run', () => {
    expect(patchRun(run, event({ type: 'run', state: 'failed' })).run).toMatchObject({ state: 'failed', end: 50 })
  })

  it('leave alone what they are not about', () => {
    expect(patchRun(run, event({ task_id: 'z' }))).toBe(run)
    expect(patchRun(run, event({ state: 'running' }))).toBe(run)
    const task = { ti: { task_id: 'b', map_index: 3, state: 'running' } } as unknown as TaskDetail
    expect(patchTask(task, event({}))).toBe(task)
    expect(patchTask(task, event({ map_index: 3 })).ti).toMatchObject({ state: 'failed', try: 2 })
  })
})
