import { describe, expect, it } from 'vitest'
import { readParams, writeParams } from './useUrlState'

const DEFAULTS = { q: '', state: [] as string[], offset: 0, open: false }

describe('values in the URL', () => {
  it('come with the types of their defaults', () => {
    const params = new URLSearchParams('q=a&state=failed&state=running&offset=50&open=1&other=x')
    expect(readParams(params, DEFAULTS)).toEqual({ q: 'a', state: ['failed', 'running'], offset: 50, open: true })
    expect(readParams(new URLSearchParams('offset=abc'), DEFAULTS)).toEqual(DEFAULTS)
  })
  it('leave out defaults and keep what is not theirs', () => {
    const params = new URLSearchParams('q=a&tab=runs')
    expect(writeParams(params, DEFAULTS, { q: '' }).toString()).toBe('tab=runs')
    expect(writeParams(params, DEFAULTS, { state: ['failed'], open: true }).toString()).toBe(
      'q=a&tab=runs&state=failed&open=1',
    )
    expect(writeParams(params, DEFAULTS, { state: [], offset: 0 }).toString()).toBe('q=a&tab=runs')
  })
  it('come back as they were written', () => {
    const value = { q: 'a b&c', state: ['x', 'y'], offset: 3, open: true }
    expect(readParams(writeParams(new URLSearchParams(), DEFAULTS, value), DEFAULTS)).toEqual(value)
  })
})
