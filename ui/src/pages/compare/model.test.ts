import { describe, expect, it } from 'vitest'
import { barOf, type Cell, changedForms, chosen, type CompareAnswer, longestOf, rowsOf } from './model'

const cell = (start: number, duration: number | null, state = 'success'): Cell => ({
  state,
  try: 1,
  queued: start - 2,
  start,
  end: duration === null ? null : start + duration,
  duration,
  op: null,
})

const answer = {
  dag_id: 'd',
  runs: [
    { start: 100, end: 200 },
    { start: 1000, end: 1050 },
  ],
  tasks: [
    { id: 'same', map_index: -1, cells: [cell(100, 10), cell(1000, 10)] },
    { id: 'gone', map_index: -1, cells: [cell(100, 10), null] },
    { id: 'slow', map_index: -1, cells: [cell(110, 10), cell(1010, 40, 'failed')] },
    { id: 'fast', map_index: 2, cells: [cell(110, 30), cell(1010, 10)] },
  ],
} as unknown as CompareAnswer

describe('comparing runs', () => {
  it('puts the largest difference first, what cannot be compared last', () => {
    const rows = rowsOf(answer)
    expect(rows.map((row) => [row.id, row.delta, row.share])).toEqual([
      ['slow', 30, 3],
      ['fast', -20, -20 / 30],
      ['same', 0, 0],
      ['gone', null, null],
    ])
    expect(rows.map((row) => row.differs)).toEqual([true, false, false, true])
  })

  it('lays bars of each run from its own start', () => {
    expect(longestOf(answer)).toBe(100)
    expect(barOf(answer.tasks[2]?.cells[1] ?? null, answer.runs[1], 100)).toEqual({
      from: 0.1,
      width: 0.4,
      waited: 0.02,
    })
    expect(barOf(null, answer.runs[0], 100)).toBeNull()
    expect(barOf(cell(100, null), answer.runs[0], 0)).toBeNull()
  })

  it('reads up to five runs of the URL, gaps closed', () => {
    expect(chosen(new URLSearchParams('a=x&c=z&f=no'))).toEqual(['x', 'z'])
  })
})

describe('the code of two runs', () => {
  const of = (version: number | null, code: string | null) => ({ version, code })
  it.each([
    ['nothing changed', of(1, 'a'), of(1, 'a'), []],
    ['only the text changed', of(1, 'a'), of(1, 'b'), ['source']],
    ['text and version changed', of(1, 'a'), of(2, 'b'), ['source', 'spec']],
    ['the old text is not kept', of(1, null), of(2, 'b'), ['spec']],
    ['neither is known', of(null, null), of(null, null), []],
  ])('%s', (_, a, b, forms) => {
    expect(changedForms(a, b)).toEqual(forms)
  })
})
