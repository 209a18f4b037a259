import { describe, expect, it } from 'vitest'
import { isLive, isWaiting, lineOf, neighbour, taskUrl } from './place'

const place = { dagId: 'a/b', runId: 'manual__2026-01-01T00:00:00+00:00', taskId: 't', mapIndex: -1 }

describe('place', () => {
  it('writes ids of any kind into paths', () => {
    expect(taskUrl(place)).toBe('/dags/a%2Fb/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00/tasks/t')
    expect(taskUrl({ ...place, mapIndex: 3 }, 'xcom')).toMatch(/\/tasks\/t\/mapped\/3\/xcom$/)
  })

  it('reads line links, and nothing else', () => {
    expect(lineOf('#L120')).toBe(120)
    expect([lineOf(''), lineOf('#L'), lineOf('#Lx'), lineOf('#L1-2')]).toEqual([null, null, null, null])
  })

  it('knows what waits and what goes on', () => {
    expect([isWaiting(null), isWaiting('queued'), isWaiting('running')]).toEqual([true, true, false])
    expect([isLive('running'), isLive('success')]).toEqual([true, false])
  })

  it('finds the neighbour, and none past the ends', () => {
    expect(neighbour(['a', 'b'], 'a', 1)).toBe('b')
    expect(neighbour(['a', 'b'], 'b', 1)).toBeNull()
    expect(neighbour(['a', 'b'], 'c', -1)).toBeNull()
  })
})
