import { describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../api/events'
import type { ListData, RunRow, TaskRow } from '../../api/queries/lists'
import { unique } from '../../api/queries/lists'
import { patchRuns, patchTasks } from './live'

const event = (change: Partial<LiveEvent>): LiveEvent => ({
  type: 'ti',
  kind: '',
  dag_id: 'etl',
  run_id: 'r1',
  task_id: 'load',
  map_index: -1,
  state: 'failed',
  try_number: 2,
  at: 130,
  data: {},
  ...change,
})
const task = { dag_id: 'etl', run_id: 'r1', task_id: 'load', map_index: -1, state: 'running', try: 1, start: 100 }
const pages = <Row>(...rows: unknown[]) =>
  ({
    pages: [
      { rows: [], total: 0 },
      { rows, total: rows.length },
    ],
    pageParams: [0, 0],
  }) as unknown as ListData<Row>

describe('live changes of lists', () => {
  it('reach the row wherever it is', () => {
    const [, second] = patchTasks(pages<TaskRow>({ ...task, task_id: 'other' }, task), event({})).pages
    expect(second?.rows.map((row) => [row.state, row.try, row.duration])).toEqual([
      ['running', 1, undefined],
      ['failed', 2, 30],
    ])
  })
  it('leave the rest as it is', () => {
    const old = pages<TaskRow>(task)
    expect(patchTasks(old, event({ map_index: 3 }))).toBe(old)
    expect(patchTasks(old, event({ type: 'run' }))).toBe(old)
    const runs = pages<RunRow>({ dag_id: 'etl', run_id: 'r1', state: 'queued', start: null, end: null })
    expect(patchRuns(runs, event({}))).toBe(runs)
    const running = patchRuns(runs, event({ type: 'run', state: 'running' })).pages[1]?.rows[0]
    expect([running?.state, running?.start, running?.end]).toEqual(['running', 130, null])
  })
  it('show a row that moved to the next page once', () => {
    const found = unique(
      [
        { rows: ['a', 'b'], total: 3 },
        { rows: ['b', 'c'], total: 3 },
      ],
      (row) => row,
    )
    expect(found).toEqual(['a', 'b', 'c'])
  })
})
