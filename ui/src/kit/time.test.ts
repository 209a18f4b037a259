import { describe, expect, it } from 'vitest'
import { absolute, duration, msOf, offsetOf, relative, short } from './time'

const AT = Date.UTC(2026, 10, 21, 14, 2, 11)

describe('moments', () => {
  it('are read from seconds, ISO strings and dates', () => {
    expect(msOf(1_700_000_000)).toBe(1_700_000_000_000)
    expect(msOf('2026-11-21T14:02:11+00:00')).toBe(AT)
    expect(msOf(new Date(AT))).toBe(AT)
    expect(msOf(null)).toBeNull()
    expect(msOf('')).toBeNull()
    expect(msOf('soon')).toBeNull()
  })
  it('are written in the zone', () => {
    expect(absolute(AT, 'UTC')).toBe('2026-11-21 14:02:11')
    expect(absolute(AT, 'Asia/Kolkata')).toBe('2026-11-21 19:32:11')
    expect(absolute(AT, 'Nowhere/Atall')).toBe('2026-11-21 14:02:11')
    expect(offsetOf(AT, 'UTC')).toBe('UTC')
    expect(offsetOf(AT, 'Asia/Kolkata')).toBe('+05:30')
  })
  it('leave out what today already says', () => {
    expect(short(AT, 'UTC', AT + 60_000)).toBe('14:02:11')
    expect(short(Date.parse('2026-11-21T14:00:00Z'), 'UTC', AT)).toBe('14:00')
    expect(short(AT, 'UTC', AT + 86_400_000)).toBe('11-21 14:02')
    expect(short(AT, 'UTC', AT + 90 * 86_400_000)).toBe('2026-11-21 14:02')
  })
  it.each([
    [2_000, 'now'],
    [-30_000, '30s ago'],
    [-200_000, '3m ago'],
    [7_800_000, 'in 2h 10m'],
    [-9 * 3_600_000, '9h ago'],
    [-3 * 86_400_000, '3d ago'],
    [-100 * 86_400_000, '3mo ago'],
    [-800 * 86_400_000, '2y ago'],
  ])('%i ms away is %s', (delta, text) => {
    expect(relative(AT + delta, AT)).toBe(text)
  })
})

describe('durations', () => {
  it.each([
    [0, '0s'],
    [0.42, '0.4s'],
    [12.3, '12s'],
    [59.6, '1m 00s'],
    [245, '4m 05s'],
    [11_520, '3h 12m'],
    [187_200, '2d 04h'],
    [null, ''],
  ])('%s s is "%s"', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })
})
