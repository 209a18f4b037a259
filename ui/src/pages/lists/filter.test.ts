import { describe, expect, it } from 'vitest'
import { fieldOf, isFiltered, momentOf, RUN_FILTER, serverFilter, TASK_FILTER, without } from './filter'

describe('filters of the long lists', () => {
  it('say to the server what the URL says', () => {
    const filter = {
      ...TASK_FILTER,
      dag_id: ['etl'],
      state: ['failed', 'none'],
      task: 'load',
      end_from: '2026-11-20T10:00:00.000Z',
      map_index: ['3', 'x'],
      min_s: '2.5',
      sort: '-start',
    }
    expect(serverFilter(filter)).toEqual({
      dag_ids: ['etl'],
      states: ['failed', 'none'],
      task_id_pattern: '%load%',
      end_date_gte: '2026-11-20T10:00:00.000Z',
      map_indexes: [3],
      duration_gte: 2.5,
    })
    expect(serverFilter(RUN_FILTER)).toEqual({})
  })
  it('take a date of an old link as the only one', () => {
    expect(serverFilter({ ...RUN_FILTER, logical_date: '2026-01-01T00:00:00' })).toEqual({
      execution_date_gte: '2026-01-01T00:00:00Z',
      execution_date_lte: '2026-01-01T00:00:00Z',
    })
  })
  it('end with the whole minute or day', () => {
    expect(momentOf('2026-01-01T10:00', true)).toBe('2026-01-01T10:00:59.999999Z')
    expect(momentOf('2026-01-01', true)).toBe('2026-01-01T23:59:59.999999Z')
    expect(momentOf('2026-01-01T10:00+02:00', false)).toBe('2026-01-01T10:00+02:00')
    expect(fieldOf('2026-01-01T10:00:00+02:00')).toBe('2026-01-01T08:00')
    expect(fieldOf('soon')).toBe('')
  })
  it('know whether they filter, and lose one value', () => {
    expect(isFiltered({ ...RUN_FILTER, sort: 'state' })).toBe(false)
    expect(isFiltered({ ...RUN_FILTER, tag: ['a'] })).toBe(true)
    expect(without({ ...RUN_FILTER, tag: ['a', 'b'] }, 'tag', 'a')).toEqual({ tag: ['b'] })
    expect(without({ ...RUN_FILTER, dag: 'x' }, 'dag', 'x')).toEqual({ dag: '' })
  })
})
