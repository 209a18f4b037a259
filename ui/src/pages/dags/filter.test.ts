import { describe, expect, it } from 'vitest'
import { type DagList, type DagRow, patchDags } from '../../api/queries/dags'
import type { LiveEvent } from '../../api/events'
import { counted, FILTER, groupOf, isFiltered, matching, statesOf } from './filter'

const row = (id: string, more: Partial<DagRow> = {}): DagRow => ({
  id,
  name: null,
  paused: false,
  schedule: '',
  cron_title: '',
  timetable: '',
  tags: [],
  owners: [],
  next: null,
  last: null,
  strip: '',
  strip_d: [],
  strip_ids: [],
  ti: {},
  starred: false,
  import_error: false,
  file: `${id}.py`,
  folder: '',
  active: 0,
  max_active: 16,
  perms: '',
  ...more,
})

const rows = [
  row('sales_etl', {
    tags: ['etl', 'sales'],
    owners: ['ada'],
    last: { run_id: 'r', state: 'failed', start: 1, end: 2 },
  }),
  row('orders', { paused: true, tags: ['etl'], owners: ['bob'], folder: 'shop' }),
  row('metrics', { starred: true, import_error: true, last: { run_id: 'r', state: 'success', start: 1, end: 2 } }),
]
const ids = (change: Partial<typeof FILTER>) => matching(rows, { ...FILTER, ...change }).map((one) => one.id)

describe('the filter of the DAG list', () => {
  it('finds all words anywhere', () => {
    expect(ids({ q: 'ETL ada' })).toEqual(['sales_etl'])
    expect(ids({ q: 'orders.py' })).toEqual(['orders'])
    expect(ids({ q: 'nothing' })).toEqual([])
  })
  it('knows paused, states, tags, owners, stars and broken files', () => {
    expect(ids({ show: 'paused' })).toEqual(['orders'])
    expect(ids({ show: 'active' })).toEqual(['sales_etl', 'metrics'])
    expect(ids({ state: ['failed'] })).toEqual(['sales_etl'])
    expect(ids({ state: ['none'] })).toEqual(['orders'])
    expect(ids({ tag: ['etl', 'sales'] })).toEqual(['sales_etl'])
    expect(ids({ owner: ['ada', 'bob'] })).toEqual(['sales_etl', 'orders'])
    expect(ids({ starred: true })).toEqual(['metrics'])
    expect(ids({ errors: true })).toEqual(['metrics'])
  })
  it('says whether it does anything, and counts', () => {
    expect(isFiltered(FILTER)).toBe(false)
    expect(isFiltered({ ...FILTER, q: 'x' })).toBe(true)
    expect(counted(rows, (one) => one.tags)).toEqual([
      ['etl', 2],
      ['sales', 1],
    ])
    expect(groupOf(rows[1] as DagRow, 'folder')).toBe('shop')
    expect(statesOf(rows)).toEqual({ failed: 1, success: 1 })
  })
})

const event = (part: Partial<LiveEvent>): LiveEvent => ({
  type: 'run',
  kind: '',
  dag_id: 'a',
  run_id: null,
  task_id: null,
  map_index: -1,
  state: null,
  try_number: null,
  at: 10,
  data: {},
  ...part,
})

describe('live changes of the DAG list', () => {
  const list: DagList = { dags: [row('a', { strip: 's', strip_d: [1], strip_ids: ['r1'] })], total: 1 }
  it('adds a run and ends it', () => {
    const begun = patchDags(list, event({ run_id: 'r2', state: 'running', at: 10 }))
    expect(begun.dags[0]).toMatchObject({ strip: 'sr', strip_ids: ['r1', 'r2'], active: 1 })
    const ended = patchDags(begun, event({ run_id: 'r2', state: 'failed', at: 14 }))
    expect(ended.dags[0]).toMatchObject({ strip: 'sf', strip_d: [1, 4], active: 0 })
    expect(ended.dags[0]?.last).toEqual({ run_id: 'r2', state: 'failed', start: 10, end: 14 })
  })
  it('follows pausing, and leaves the rest as it is', () => {
    expect(patchDags(list, event({ type: 'dag', kind: 'dag.paused' })).dags[0]?.paused).toBe(true)
    expect(patchDags(list, event({ dag_id: 'b', run_id: 'r', state: 'failed' }))).toBe(list)
  })
})
