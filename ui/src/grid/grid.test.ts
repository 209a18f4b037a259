import { expect, it, describe as suite } from 'vitest'
import { codeOf, stateOf, worse } from './codes'
import { describe, sentence, type Words } from './describe'
import { move } from './keyboard'
import { sameParts } from './layer'
import { colsInView, contentSize, HEAD, hitTest, namesWidth, rowsInView, scrollTo } from './layout'
import {
  applyDelta,
  applyTimes,
  cellCode,
  countStates,
  countsAt,
  decode,
  type GridAnswer,
  type GridModel,
  hasFailure,
  patch,
  patchRun,
  runDuration,
} from './model'
import { NO_FILTER, neighbourhood, visibleRows } from './rows'
import { join, NOTHING, rectangle, selectedCells, selectedRuns, toggle } from './selection'

const task = (id: string, depth = 0, more = {}) => ({
  id,
  depth,
  parent: null,
  label: id,
  op: 'EmptyOperator',
  mapped: 0,
  group: 0,
  ...more,
})
const run = (id: string, more = {}) => ({
  id,
  state: 'success',
  start: 100,
  end: 160,
  queued: 90,
  type: 'scheduled',
  logical: 0,
  ...more,
})

/** extract · [load: load.a, load.b] · report, over three runs. */
const ANSWER: GridAnswer = {
  rev: 7,
  tasks: [
    task('extract'),
    task('load', 0, { group: 1 }),
    task('load.a', 1),
    task('load.b', 1, { mapped: 1 }),
    task('report'),
  ],
  runs: [run('r1'), run('r2'), run('r3', { state: 'running', end: null })],
  st: `sss${'sfr'}${'sss'}${'sfr'}${'su.'}`,
  try: { '2,1': 3 },
  map: { '3,1': { success: 4, failed: 2 } },
  note: ['0,2'],
}

const words: Words = {
  time: (at) => `t${at}`,
  duration: (s) => `${s} s`,
  state: (s) => s,
}

const shown = (model: ReturnType<typeof decode>, ...rest: [Set<string>, typeof NO_FILTER]) =>
  Array.from(visibleRows(model, ...rest), (row) => model.tasks[row]?.id)

suite('codes', () => {
  it('go to states and back', () => {
    for (const state of ['success', 'failed', 'up_for_retry', 'removed']) expect(stateOf(codeOf(state))).toBe(state)
    expect(stateOf(codeOf(null))).toBe('none')
    expect(stateOf('.'.charCodeAt(0))).toBeUndefined()
  })
  it('put failures before what is going on, and that before success', () => {
    expect(worse(codeOf('success'), codeOf('failed'))).toBe(codeOf('failed'))
    expect(worse(codeOf('running'), codeOf('success'))).toBe(codeOf('running'))
    expect(worse(codeOf('upstream_failed'), codeOf('failed'))).toBe(codeOf('failed'))
  })
})

suite('the model', () => {
  it('has a byte per cell and the tree of groups', () => {
    const model = decode(ANSWER)
    expect([model.rows, model.cols]).toEqual([5, 3])
    expect(stateOf(cellCode(model, 1, 1))).toBe('failed')
    expect(Array.from(model.parentRow)).toEqual([-1, -1, 1, 1, -1])
    expect(Array.from(model.subtreeEnd)).toEqual([1, 4, 3, 4, 5])
    expect(model.tries.get(2 * 3 + 1)).toBe(3)
    expect(model.notes.has(2)).toBe(true)
  })
  it('is patched in place, the groups around with it', () => {
    const model = decode(ANSWER)
    expect(
      patch(model, {
        run: 'r2',
        task: 'load.a',
        mapIndex: -1,
        state: 'running',
        tryNumber: 2,
      }),
    ).toBe(true)
    expect(stateOf(cellCode(model, 2, 1))).toBe('running')
    expect(stateOf(cellCode(model, 1, 1))).toBe('failed')
    expect(countsAt(model, 1, 1)).toEqual({ failed: 1, running: 1 })
    expect(model.tick).toBe(1)
  })
  it('knows what it cannot know', () => {
    const model = decode(ANSWER)
    expect(
      patch(model, {
        run: 'new',
        task: 'extract',
        mapIndex: -1,
        state: 'running',
      }),
    ).toBe(false)
    expect(patch(model, { run: 'r1', task: 'load.b', mapIndex: 2, state: 'failed' })).toBe(false)
    expect(patchRun(model, 'new', { state: 'running' })).toBe(false)
  })
  it('takes the changes of the server: a new run pushes the oldest out', () => {
    const model = decode(ANSWER)
    const runs = [run('r2'), run('r3', { state: 'failed' }), run('r4', { state: 'queued' })]
    const cells = ['f', 'f', 's', 'f', 'u'].map((char, row) => [row, 1, char, row === 0 ? 2 : 1] as const)
    const next = applyDelta(model, {
      rev: 9,
      runs,
      cells: [...cells, [0, 2, 'n', 1]],
      map: { '3,1': { failed: 1 } },
    })
    expect(next?.rev).toBe(9)
    expect([0, 1, 2].map((col) => stateOf(cellCode(next as GridModel, 0, col)))).toEqual(['success', 'failed', 'none'])
    expect(stateOf(cellCode(next as GridModel, 2, 0))).toBe('success')
    expect(next?.tries.get(2 * 3)).toBe(3)
    expect(next?.tries.get(1)).toBe(2)
    expect(countsAt(next as GridModel, 3, 1)).toEqual({ failed: 1 })
    expect(next?.colOf.has('r1')).toBe(false)
  })
  it('cannot take the changes of another version of the DAG', () => {
    expect(applyDelta(decode(ANSWER), { rev: 9, version: 2, runs: [], cells: [] })).toBeNull()
  })
  it('knows when cells began, counted from their run', () => {
    const model = decode(ANSWER)
    applyTimes(model, {
      runs: ['r2'],
      start: [[5, null, 7]],
      dur: [[30, null, null]],
    })
    expect([model.starts.get(1), model.durations.get(1), model.starts.get(7)]).toEqual([105, 30, 107])
  })
  it('counts the states of tasks, not of groups', () => {
    const found = countStates(decode(ANSWER))
    expect(found.get(codeOf('success'))).toBe(8)
    expect(found.get(codeOf('failed'))).toBe(1)
  })
  it('says how long a run took, until now while it runs', () => {
    expect(runDuration(run('a'), 500)).toBe(60)
    expect(runDuration(run('a', { end: null }), 500)).toBe(400)
    expect(runDuration(run('a', { start: '1970-01-01T00:01:00Z' }), 500)).toBe(100)
    expect(runDuration(run('a', { start: null }), 500)).toBeNull()
  })
})

suite('the rows', () => {
  const model = decode(ANSWER)
  it('leave out what is in closed groups', () => {
    expect(shown(model, new Set(['load']), NO_FILTER)).toEqual(['extract', 'load', 'report'])
  })
  it('keep the groups around what a filter finds, and open them', () => {
    expect(shown(model, new Set(['load']), { ...NO_FILTER, text: 'LOAD.a' })).toEqual(['load', 'load.a'])
  })
  it('can be those with a failure, with a state, or a few', () => {
    expect(shown(model, new Set(), { ...NO_FILTER, failedOnly: true })).toEqual(['load', 'load.b', 'report'])
    expect(
      shown(model, new Set(), {
        ...NO_FILTER,
        code: codeOf('upstream_failed'),
      }),
    ).toEqual(['report'])
    expect(shown(model, new Set(), { ...NO_FILTER, only: new Set(['extract']) })).toEqual(['extract'])
    expect(hasFailure(model, 0)).toBe(false)
  })
  it('know a task neighbours', () => {
    const edges = [
      ['a', 'b'],
      ['b', 'c'],
      ['x', 'c'],
    ] as const
    expect([...neighbourhood('b', edges, 'up')].sort()).toEqual(['a', 'b'])
    expect([...neighbourhood('b', edges, 'down')].sort()).toEqual(['b', 'c'])
    expect([...neighbourhood('c', edges, 'both')].sort()).toEqual(['a', 'b', 'c', 'x'])
  })
})

suite('the layout', () => {
  const metrics = { row: 20, col: 18, cell: 14, head: 80, names: 200 }
  const view = { width: 380, height: 280, scrollX: 36, scrollY: 40 }
  const extent = { rows: 500, cols: 50 }
  it('finds what is on the screen', () => {
    expect(rowsInView(metrics, view, extent)).toEqual({ first: 2, end: 12 })
    expect(colsInView(metrics, view, extent)).toEqual({ first: 2, end: 12 })
    expect(contentSize(metrics, extent).height).toBe(80 + 500 * 20 + 8)
  })
  it('finds what is under a point', () => {
    expect(hitTest(metrics, view, extent, 201, 81)).toEqual({ row: 2, col: 2 })
    expect(hitTest(metrics, view, extent, 201, 10)).toEqual({
      row: HEAD,
      col: 2,
    })
    expect(hitTest(metrics, view, extent, 10, 81)).toEqual({
      row: 2,
      col: HEAD,
    })
    expect(hitTest(metrics, view, extent, 10, 10)).toBeNull()
    expect(hitTest(metrics, { ...view, scrollX: 800 }, extent, 379, 100)).toBeNull()
  })
  it('scrolls no further than it must', () => {
    expect(scrollTo(metrics, view, { row: 5, col: 5 })).toEqual({
      x: 36,
      y: 40,
    })
    expect(scrollTo(metrics, view, { row: 0, col: HEAD })).toEqual({
      x: 36,
      y: 0,
    })
    expect(scrollTo(metrics, view, { row: 20, col: 5 }).y).toBe(20 * 20 + 20 + 8 - 200)
  })
  it('leaves the runs room beside the names', () => {
    expect(namesWidth(900, 800, false)).toBe(360)
    expect(namesWidth(40, 800, false)).toBe(120)
    expect(namesWidth(900, 390, true)).toBe(120)
  })
})

suite('the keyboard', () => {
  const extent = { rows: 10, cols: 5 }
  it('moves within the matrix and to its heads', () => {
    expect(move('ArrowUp', false, { row: 0, col: 2 }, extent, 4)).toEqual({
      row: HEAD,
      col: 2,
    })
    expect(move('ArrowLeft', false, { row: HEAD, col: 0 }, extent, 4)).toEqual({
      row: 0,
      col: HEAD,
    })
    expect(move('PageDown', false, { row: 8, col: 2 }, extent, 4)).toEqual({
      row: 9,
      col: 2,
    })
    expect(move('End', true, { row: 1, col: 0 }, extent, 4)).toEqual({
      row: 9,
      col: 4,
    })
    expect(move('Home', false, { row: 3, col: 4 }, extent, 4)).toEqual({
      row: 3,
      col: 0,
    })
    expect(move('q', false, { row: 3, col: 4 }, extent, 4)).toBeNull()
  })
})

suite('the selection', () => {
  const names = {
    rows: 4,
    cols: 3,
    task: (row: number) => `t${row}`,
    run: (col: number) => `r${col}`,
  }
  it('is a rectangle from any corner', () => {
    const found = rectangle(names, { row: 2, col: 2 }, { row: 1, col: 1 })
    expect(selectedCells(found)).toHaveLength(4)
    expect(selectedCells(found)).toContainEqual({ task: 't1', run: 'r2' })
  })
  it('is of runs when it begins at a head', () => {
    expect(selectedRuns(rectangle(names, { row: HEAD, col: 0 }, { row: 3, col: 1 }))).toEqual(['r0', 'r1'])
  })
  it('grows and shrinks by one', () => {
    const one = toggle(NOTHING, names, { row: 0, col: 0 })
    expect(one.size).toBe(1)
    expect(toggle(one, names, { row: 0, col: 0 }).size).toBe(0)
    expect(join(one, rectangle(names, { row: 0, col: 0 }, { row: 0, col: 1 })).size).toBe(2)
  })
})

suite('the still layer', () => {
  it('is painted again only when a part of its key changes', () => {
    expect(sameParts([1, 'a', null], [1, 'a', null])).toBe(true)
    expect(sameParts([1, 'a'], [1, 'b'])).toBe(false)
    expect(sameParts([1], [1, undefined])).toBe(false)
  })
})

suite('the words', () => {
  const model = decode(ANSWER)
  it('name task, run and state of a cell', () => {
    const spot = { row: 2, col: 1 }
    expect(sentence(describe(model, spot, words, 500), spot, words)).toBe('load.a, run t0, success, try 3')
  })
  it('count the instances of a mapped task', () => {
    const found = describe(model, { row: 3, col: 1 }, words, 500)
    expect(found?.facts).toContainEqual(['Instances', '4 success, 2 failed'])
  })
  it('say that a task was not in a run', () => {
    const spot = { row: 4, col: 2 }
    expect(sentence(describe(model, spot, words, 500), spot, words)).toContain('not in this run')
  })
})
