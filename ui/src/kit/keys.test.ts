import { describe, expect, it } from 'vitest'
import { place } from './floating'
import { isSingle, pressOf } from './keys'
import { nextIndex } from './Menu'

const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
  pressOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

describe('presses', () => {
  it('are written as the bindings are', () => {
    expect(press('j')).toBe('j')
    expect(press('C', { shiftKey: true })).toBe('shift+c')
    expect(press('k', { metaKey: true })).toBe('ctrl+k')
    expect(press('?', { shiftKey: true })).toBe('?')
    expect(press('ArrowUp', { shiftKey: true })).toBe('shift+ArrowUp')
    expect(press(' ')).toBe('Space')
  })
  it('that are bare signs can be switched off', () => {
    expect(['j', '?', 'g d', 'shift+c'].every(isSingle)).toBe(true)
    expect(['ctrl+k', 'Enter', 'Escape', 'shift+ArrowUp'].some(isSingle)).toBe(false)
  })
})

describe('menus', () => {
  it('go round by arrows', () => {
    expect(nextIndex('ArrowDown', 2, 3)).toBe(0)
    expect(nextIndex('ArrowUp', 0, 3)).toBe(2)
    expect(nextIndex('End', 0, 3)).toBe(2)
    expect(nextIndex('x', 0, 3)).toBeNull()
  })
  it('open where there is room', () => {
    const view = { width: 1000, height: 600 }
    const size = { width: 200, height: 300 }
    expect(place({ top: 10, bottom: 40, left: 10, right: 60 }, size, view, 'start')).toMatchObject({
      top: 44,
      left: 10,
    })
    expect(place({ top: 500, bottom: 530, left: 900, right: 950 }, size, view, 'end')).toMatchObject({
      top: 196,
      left: 750,
    })
    expect(place({ top: 10, bottom: 40, left: 950, right: 990 }, size, view, 'start').left).toBe(792)
    expect(place({ top: 400, bottom: 430, left: 0, right: 50 }, size, view, 'beside')).toMatchObject({
      top: 292,
      left: 54,
    })
  })
})
