import { describe, expect, it } from 'vitest'
import { addDays, dayText, inOrder, monthCells, period, step, weekday, yearCells } from './calendarModel'
import { landingBars, runBars, taskBars } from './durationsModel'
import { criticalPath, extent, lanes, partsOf } from './ganttModel'
import { durationTicks, pan, tickLabel, ticks, timeAt, xOf, zoneOffset, zoom } from './scale'
import { median, quantile } from './statistics'
import { arrange, rowAt, toLane, tops } from './timelineModel'

const NOON = Date.UTC(2026, 10, 21, 12) / 1000

describe('the time scale', () => {
  const scale = { from: NOON, to: NOON + 3600, left: 100, width: 600 }
  it('goes to pixels and back', () => {
    expect(xOf(scale, NOON + 1800)).toBe(400)
    expect(timeAt(scale, 400)).toBe(NOON + 1800)
  })
  it('has ticks at round times of the zone', () => {
    expect(ticks(scale, 100, 0).at.map((at) => at - NOON)).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600])
    const days = { from: NOON, to: NOON + 3 * 86_400, left: 0, width: 300 }
    const zone = 'America/New_York'
    const found = ticks(days, 100, zoneOffset(NOON, zone)).at
    expect(tickLabel(found[0] as number, 86_400, zone)).toBe('22 Nov')
    expect((found[0] as number) - NOON).toBe(17 * 3600)
  })
  it('zooms around a moment and stays within its limits', () => {
    const limits = { from: 0, to: 1000, least: 10 }
    expect(zoom({ from: 0, to: 1000 }, 250, 0.5, limits)).toEqual({
      from: 125,
      to: 625,
    })
    expect(zoom({ from: 0, to: 20 }, 10, 0.01, limits)).toEqual({
      from: 5,
      to: 15,
    })
    expect(zoom({ from: 100, to: 900 }, 500, 9, limits)).toEqual({
      from: 0,
      to: 1000,
    })
    expect(pan({ from: 800, to: 900 }, 500, limits)).toEqual({
      from: 900,
      to: 1000,
    })
  })
  it('has durations in steps people count in', () => {
    expect(durationTicks(95, 4)).toEqual([0, 30, 60, 90])
    expect(durationTicks(7000, 4)).toEqual([0, 1800, 3600, 5400])
  })
})

describe('statistics', () => {
  it('find the middle and the high end', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8)
    expect(median([])).toBeNull()
  })
})

describe('the gantt', () => {
  const row = (id: string, start: number, end: number | null, more = {}) => ({
    id,
    map_index: -1,
    try: 1,
    state: end === null ? 'running' : 'success',
    queued: start - 2,
    start,
    end,
    ...more,
  })
  const tasks = ['a', 'b', 'c'].map((id) => ({
    id,
    label: id,
    depth: 0,
    isGroup: false,
  }))
  it('has a part for each stretch of waiting and running', () => {
    const parts = partsOf(row('a', 10, 20, { scheduled: 5 }), 100)
    expect(parts.map((part) => [part.kind, part.from, part.to])).toEqual([
      ['scheduled', 5, 8],
      ['queued', 8, 10],
      ['run', 10, 20],
    ])
  })
  it('goes on until now while the task runs', () => {
    expect(partsOf(row('a', 10, null), 100).at(-1)).toMatchObject({
      to: 100,
      isOpen: true,
    })
  })
  it('shows the earlier tries', () => {
    const again = row('a', 30, 40, {
      try: 2,
      tries: [{ try: 1, state: 'failed', queued: 8, start: 10, end: 20 }],
    })
    expect(partsOf(again, 100).map((part) => [part.tryNumber, part.kind])).toEqual([
      [1, 'queued'],
      [1, 'run'],
      [2, 'queued'],
      [2, 'run'],
    ])
  })
  it('spans a group over its members', () => {
    const grouped = [
      { id: 'g', label: 'g', depth: 0, isGroup: true },
      { id: 'g.a', label: 'a', depth: 1, isGroup: false },
      { id: 'z', label: 'z', depth: 0, isGroup: false },
    ]
    const found = lanes(grouped, [row('g.a', 10, 20, { state: 'failed' }), row('z', 50, 60)], 100)
    expect(found[0]).toMatchObject({
      from: 8,
      to: 20,
      state: 'failed',
      instances: 1,
    })
    expect(extent(found)).toEqual({ from: 8 - 1.04, to: 60 + 1.04 })
  })
  it('finds the path that was waited for', () => {
    const found = lanes(tasks, [row('a', 0, 10), row('b', 0, 30), row('c', 31, 40)], 100)
    expect(
      criticalPath(found, [
        ['a', 'c'],
        ['b', 'c'],
      ]),
    ).toEqual(['b', 'c'])
  })
})

describe('the calendar', () => {
  const answer = {
    days: [['2026-11-02', { success: 3, failed: 1 }]],
    planned: [['2026-11-30', 2]],
  } as const
  it('puts a year into columns of weeks', () => {
    const cells = yearCells('2026', answer)
    expect(cells).toHaveLength(365)
    expect(cells[0]).toMatchObject({ date: '2026-01-01', col: 0, row: 3 })
    expect(cells.find((cell) => cell.date === '2026-01-05')).toMatchObject({
      col: 1,
      row: 0,
    })
  })
  it('puts a month into rows of weeks with the runs of each day', () => {
    const cells = monthCells('2026-11', answer)
    expect(cells).toHaveLength(30)
    expect(cells[1]).toMatchObject({
      date: '2026-11-02',
      col: 0,
      row: 1,
      total: 4,
    })
    expect(dayText(cells[1] as never)).toBe('2026-11-02: 3 success, 1 failed')
    expect(cells[29]?.planned).toBe(2)
  })
  it('knows leap years, weekdays and steps', () => {
    expect(period('2028-02').to).toBe('2028-02-29')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(weekday('2026-11-23')).toBe(0)
    expect([step('2026', -1), step('2026-01', -1)]).toEqual(['2025', '2025-12'])
    expect(inOrder('2026-11-05', '2026-11-01')).toEqual({
      from: '2026-11-01',
      to: '2026-11-05',
    })
  })
})

describe('the durations', () => {
  const answer = {
    runs: [
      {
        id: 'r1',
        logical: 0,
        interval_end: 100,
        queued: 100,
        start: 110,
        end: 170,
        state: 'success',
      },
      {
        id: 'r2',
        logical: 100,
        interval_end: 200,
        queued: 200,
        start: 205,
        end: null,
        state: 'running',
      },
      {
        id: 'r3',
        logical: 200,
        interval_end: null,
        queued: 300,
        start: null,
        end: null,
        state: 'queued',
      },
    ],
    tasks: { a: [[1, 20, 2, 'failed'], null, null] },
  } as const
  it('of runs are time in the queue and time of running', () => {
    const chart = runBars(answer, 305)
    expect(chart.bars.map((bar) => [bar.queue, bar.duration])).toEqual([
      [10, 60],
      [5, 100],
      [null, null],
    ])
    expect(chart.median).toBe(80)
  })
  it('of a task leave out the runs that it was not in', () => {
    expect(taskBars(answer, 'a').bars.map((bar) => [bar.duration, bar.tries, bar.state])).toEqual([
      [20, 2, 'failed'],
      [null, 0, 'none'],
      [null, 0, 'none'],
    ])
    expect(taskBars(answer, 'unknown').median).toBeNull()
  })
  it('to landing count from the end of the interval', () => {
    expect(landingBars(answer).bars.map((bar) => bar.duration)).toEqual([70, null, null])
  })
})

describe('the timeline', () => {
  const lane = (dag_id: string, states: string[], tags: string[] = []) => ({
    dag_id,
    tags,
    paused: 0,
    planned: [],
    runs: states.map((state, at) => [`${dag_id}${at}`, state, at * 10, at * 10 + 15] as const),
  })
  it('lays runs that overlap below each other', () => {
    expect(toLane(lane('a', ['success', 'success', 'failed']), 100).runs.map((run) => run.line)).toEqual([0, 1, 0])
    expect(toLane(lane('a', ['success', 'success']), 100).lines).toBe(2)
  })
  it('filters, groups and puts red lanes first', () => {
    const answer = {
      lanes: [
        lane('a', ['success'], ['x']),
        lane('b', ['failed'], ['x', 'y']),
        lane('c', ['success']),
        lane('silent', []),
      ],
    }
    const names = (options: Parameters<typeof arrange>[1]) =>
      arrange(answer, options, 100).map((row) => (row.kind === 'head' ? `#${row.label}` : row.dagId))
    expect(names({ text: '', redFirst: true, byTag: false })).toEqual(['b', 'a', 'c'])
    expect(names({ text: 'x', redFirst: false, byTag: false })).toEqual(['a', 'b'])
    expect(names({ text: '', redFirst: false, byTag: true })).toEqual(['#x', 'a', 'b', '#y', 'b', '#No tag', 'c'])
  })
  it('finds the row at a height', () => {
    const edges = tops(
      arrange(
        { lanes: [lane('a', ['success']), lane('b', ['success'])] },
        { text: '', redFirst: false, byTag: false },
        0,
      ),
      26,
    )
    expect(edges).toEqual([0, 26, 52])
    expect([rowAt(edges, 0), rowAt(edges, 25), rowAt(edges, 26), rowAt(edges, 60)]).toEqual([0, 0, 1, 2])
  })
})
