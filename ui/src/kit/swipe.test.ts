import { describe, expect, it } from 'vitest'
import { isSwipeBack } from './swipe'

const from = { x: 10, y: 100, at: 0 }

describe('swiping back', () => {
  it.each([
    ['a quick stroke to the right', { x: 120, y: 110, at: 200 }, true],
    ['too short', { x: 60, y: 100, at: 100 }, false],
    ['to the left', { x: -120, y: 100, at: 100 }, false],
    ['more down than across: that scrolls', { x: 120, y: 200, at: 200 }, false],
    ['slow: that selects text', { x: 200, y: 100, at: 1500 }, false],
  ])('%s', (_, to, expected) => {
    expect(isSwipeBack(from, to)).toBe(expected)
  })
})
