import { describe, expect, it } from 'vitest'
import { isJson, planOf, readFile, writeFile } from './transfer'

describe('variables in files', () => {
  it('are read in both forms', () => {
    const text =
      '{"a": "x", "b": {"n": 1}, "c": {"value": [1], "description": "d"}, "e": {"value": 1, "other": 2}, "f": 3}'
    expect(readFile(text)).toEqual([
      { key: 'a', value: 'x', description: null },
      { key: 'b', value: '{"n":1}', description: null },
      { key: 'c', value: '[1]', description: 'd' },
      { key: 'e', value: '{"value":1,"other":2}', description: null },
      { key: 'f', value: '3', description: null },
    ])
  })
  it('say what is wrong with a file', () => {
    expect(() => readFile('[1]')).toThrow('one JSON object')
    expect(() => readFile('{')).toThrow('no JSON')
  })
  it('come back as they were, without secrets', () => {
    const rows = [
      { key: 'a', value: 'x', json: false, masked: false, description: null },
      { key: 'b', value: '{"n":1}', json: true, masked: false, description: 'd' },
      { key: 'p', value: '***', json: false, masked: true, description: null },
    ]
    const text = writeFile(rows)
    expect(JSON.parse(text)).toEqual({ a: 'x', b: { value: { n: 1 }, description: 'd' } })
    expect(readFile(text).map((entry) => entry.value)).toEqual(['x', '{"n":1}'])
  })
  it('are counted before they are imported', () => {
    const { added, changed } = planOf(readFile('{"a": 1, "b": 2}'), [{ key: 'a' }])
    expect([added.length, changed.length]).toEqual([1, 1])
    expect([isJson('{}'), isJson('12'), isJson('x')]).toEqual([true, false, false])
  })
})
