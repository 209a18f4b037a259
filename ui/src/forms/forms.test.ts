import { describe, expect, it } from 'vitest'
import { diffJson, diffLines, withContext } from './diff'
import { bySection, type Json, type ParamSpec, readField, readFields, type Schema } from './fields'
import { repr, validate } from './validate'
import { extraKeys, parseEntry, toConf, toEntries, toEntry } from './values'

const kinds: [string, ParamSpec, string][] = [
  ['string', { value: 'x', schema: { type: 'string' } }, 'string'],
  ['nullable string', { value: null, schema: { type: ['null', 'string'] } }, 'string'],
  ['multiline', { value: 'a', schema: { type: 'string', format: 'multiline' } }, 'multiline'],
  ['integer', { value: 3, schema: { type: 'integer', minimum: 1 } }, 'integer'],
  ['number', { value: 3.5, schema: { type: 'number' } }, 'number'],
  ['two numbers', { value: 3.5, schema: { type: ['integer', 'number', 'null'] } }, 'number'],
  ['boolean', { value: false, schema: { type: 'boolean' } }, 'boolean'],
  ['enum', { value: 'a', schema: { enum: ['a', 'b'] } }, 'choice'],
  ['array with examples', { value: ['a'], schema: { type: 'array', examples: ['a', 'b'] } }, 'choices'],
  ['array of an enum', { value: ['a'], schema: { type: 'array', items: { enum: ['a', 'b'] } } }, 'choices'],
  ['array of strings', { value: ['a'], schema: { type: 'array' } }, 'lines'],
  ['array of numbers', { value: [1], schema: { type: 'array', items: { type: 'number' } } }, 'lines'],
  ['array of objects', { value: [], schema: { type: 'array', items: { type: 'object' } } }, 'json'],
  ['object', { value: {}, schema: { type: ['object', 'null'] } }, 'json'],
  ['date', { value: '2026-01-01', schema: { type: 'string', format: 'date' } }, 'date'],
  ['time', { value: '10:00:00', schema: { type: ['string', 'null'], format: 'time' } }, 'time'],
  ['datetime', { value: 'x', schema: { type: 'string', format: 'date-time' } }, 'datetime'],
  ['const', { schema: { const: 5 } }, 'const'],
  ['no schema, a flag', { value: true }, 'boolean'],
  ['no schema, a number', { value: 5 }, 'number'],
  ['no schema, a list of numbers', { value: [1] }, 'json'],
  ['no schema, an object', { value: { a: 1 } }, 'json'],
  ['no schema, nothing', { value: null }, 'string'],
  ['string or number', { value: 'x', schema: { type: ['string', 'number'] } }, 'json'],
]

describe('fields', () => {
  it.each(kinds)('%s', (_, param, kind) => {
    expect(readField('p', param).kind).toBe(kind)
  })

  it('is required when its types leave no null', () => {
    expect(readField('p', { value: 'x', schema: { type: 'string' } }).required).toBe(true)
    expect(readField('p', { value: null, schema: { type: ['string', 'null'] } })).toMatchObject({
      required: false,
      nullable: true,
    })
    expect(readField('p', { value: 'x' }).required).toBe(false)
  })

  it('shows titles, descriptions, displayed values and proposals', () => {
    const field = readField('p', {
      value: 'a',
      description: 'plain',
      schema: { title: 'T', type: 'string', enum: ['a', 'b'], values_display: { a: 'Alpha' }, description_md: '**m**' },
    })
    expect(field).toMatchObject({ label: 'T', description: 'plain', descriptionMd: '**m**' })
    expect(field.options.map((option) => option.label)).toEqual(['Alpha', 'b'])
    expect(readField('p', { value: '', schema: { type: 'string', examples: ['x'] } }).suggestions).toHaveLength(1)
  })

  it('groups by section in the order of the DAG', () => {
    const fields = readFields([
      { name: 'a', schema: { section: 'S' } },
      { name: 'b' },
      { name: 'c', schema: { section: 'S' } },
    ])
    expect(bySection(fields).map((section) => [section.title, section.fields.map((field) => field.name)])).toEqual([
      ['', ['b']],
      ['S', ['a', 'c']],
    ])
  })
})

describe('values', () => {
  const parse = (param: ParamSpec, text: string) => {
    const field = readField('p', param)
    return parseEntry(field, { ...toEntry(field, field.initial), text, isNull: false })
  }

  it.each<[string, ParamSpec, string, Json]>([
    ['a whole number', { value: 1, schema: { type: 'integer' } }, ' 42 ', 42],
    ['no number', { value: 1, schema: { type: ['integer', 'null'] } }, '', null],
    ['lines', { value: [], schema: { type: 'array' } }, 'a\nb\n', ['a', 'b']],
    ['numbers', { value: [], schema: { type: 'array', items: { type: 'number' } } }, '1\n2.5', [1, 2.5]],
    ['JSON', { value: {}, schema: { type: 'object' } }, '{"a": [1]}', { a: [1] }],
    ['an emptied text', { value: 'x', schema: { type: 'string' } }, '', ''],
    ['a text that never was', { value: null, schema: { type: ['string', 'null'] } }, '', null],
  ])('reads %s', (_, param, text, value) => {
    expect(parse(param, text)).toEqual({ value, error: null })
  })

  it.each<[ParamSpec, string, RegExp]>([
    [{ value: 1, schema: { type: 'integer' } }, 'x', /'x' is not of type 'integer'/],
    [{ value: {}, schema: { type: 'object' } }, '{\n"a": }', /No JSON.*/],
    [{ value: [], schema: { type: 'array', items: { type: 'number' } } }, '1\nx', /'x' is not of type 'number'/],
  ])('refuses %j %s', (param, text, error) => {
    expect(parse(param, text).error).toMatch(error)
  })

  it('round-trips every default', () => {
    const params = Object.fromEntries(
      kinds.filter(([, param]) => param.value !== undefined).map(([name, param]) => [name, param]),
    )
    const fields = readFields(Object.entries(params).map(([name, param]) => ({ name, ...param })))
    const conf = toConf(fields, toEntries(fields), {})
    for (const [name, param] of Object.entries(params)) expect(conf[name]).toEqual(param.value)
  })

  it('takes values of an earlier conf and keeps the keys it does not know', () => {
    const fields = readFields([
      { name: 'a', value: 1, schema: { type: 'integer' } },
      { name: 'b', value: true },
    ])
    const conf = { a: 7, z: 'kept' }
    expect(toConf(fields, toEntries(fields, conf), extraKeys(fields, conf))).toEqual({ a: 7, b: true, z: 'kept' })
  })
})

describe("validation in the server's words", () => {
  it.each<[Json, Schema, string]>([
    ['x', { type: 'integer' }, "'x' is not of type 'integer'"],
    [null, { type: ['string', 'number'] }, "None is not of type 'string', 'number'"],
    [true, { type: 'integer' }, "True is not of type 'integer'"],
    [0, { minimum: 1 }, '0 is less than the minimum of 1'],
    [11, { maximum: 10 }, '11 is greater than the maximum of 10'],
    [1, { exclusiveMinimum: 1 }, '1 is less than or equal to the minimum of 1'],
    [7, { multipleOf: 5 }, '7 is not a multiple of 5'],
    ['', { minLength: 1 }, "'' should be non-empty"],
    ['ab', { minLength: 3 }, "'ab' is too short"],
    ['abcd', { maxLength: 3 }, "'abcd' is too long"],
    ["it's", { pattern: '^x' }, "\"it's\" does not match '^x'"],
    ['c', { enum: ['a', 1, null] }, "'c' is not one of ['a', 1, None]"],
    [4, { const: 5 }, '5 was expected'],
    ['2026-02-30', { format: 'date' }, "'2026-02-30' is not a 'date'"],
    ['2026-02-03T10:00:00', { format: 'date-time' }, "'2026-02-03T10:00:00' is not a 'date-time'"],
    ['25:00', { format: 'time' }, "'25:00' is not a 'time'"],
    [['a', 1], { items: { type: 'string' } }, "1 is not of type 'string'"],
    [[], { minItems: 1 }, '[] should be non-empty'],
    [[1, 1], { uniqueItems: true }, '[1, 1] has non-unique elements'],
    [{}, { required: ['a'] }, "'a' is a required property"],
    [{ b: 1 }, { additionalProperties: false }, "Additional properties are not allowed ('b' was unexpected)"],
    [
      { a: { b: 'x' } },
      { properties: { a: { properties: { b: { type: 'number' } } } } },
      "'x' is not of type 'number'",
    ],
    [1.5, { anyOf: [{ type: 'integer' }, { type: 'null' }] }, '1.5 is not valid under any of the given schemas'],
  ])('%j against %j', (value, schema, words) => {
    expect(validate(value, schema)).toBe(words)
  })

  it.each<[Json, Schema]>([
    [1, { type: 'number' }],
    [1.0, { type: 'integer' }],
    [0.3, { multipleOf: 0.1 }],
    ['2026-02-03T10:00:00+00:00', { format: 'date-time' }],
    ['anything', { pattern: '(?P<python>x)' }],
    [null, { type: ['null', 'string'], format: 'date' }],
    [{ a: 1 }, { enum: [{ a: 1 }] }],
  ])('%j fits %j', (value, schema) => {
    expect(validate(value, schema)).toBeNull()
  })

  it('writes values as Python does', () => {
    expect(repr({ a: [true, null, "x'y"], b: 1.5 })).toBe("{'a': [True, None, \"x'y\"], 'b': 1.5}")
    expect(repr('a\nb')).toBe("'a\\nb'")
  })
})

describe('differences', () => {
  it('names paths that were added, removed and changed', () => {
    const found = diffJson({ a: 1, b: { c: [1, 2] }, d: 0 }, { a: 1, b: { c: [1, 3] }, e: null })
    expect(found.map((diff) => [diff.path, diff.change])).toEqual([
      ['a', 'same'],
      ['b.c[0]', 'same'],
      ['b.c[1]', 'changed'],
      ['d', 'removed'],
      ['e', 'added'],
    ])
  })

  it.each([
    ['a\nb\nc', 'a\nx\nc'],
    ['', 'a\nb'],
    ['a\nb\nc\nd\ne', 'b\nd\ne\nf'],
    ['same', 'same'],
    ['a\nb\na\nb', 'b\na\nb\na'],
  ])('turns %j into %j', (before, after) => {
    const diff = diffLines(before, after)
    expect(
      diff
        .filter((line) => line.change !== 'added')
        .map((line) => line.text)
        .join('\n'),
    ).toBe(before)
    expect(
      diff
        .filter((line) => line.change !== 'removed')
        .map((line) => line.text)
        .join('\n'),
    ).toBe(after)
  })

  it('finds the shortest edit, and gives up on what has nothing in common', () => {
    expect(diffLines('a\nb\nc\nd', 'a\nc\nd').filter((line) => line.change !== 'same')).toMatchObject([
      { change: 'removed', text: 'b', before: 2 },
    ])
    const lot = (mark: string) => Array.from({ length: 3_000 }, (_, index) => `${mark}${index}`).join('\n')
    expect(diffLines(lot('a'), lot('b'))).toHaveLength(6_000)
  })

  it('shrinks what is equal', () => {
    const text = Array.from({ length: 20 }, (_, index) => String(index)).join('\n')
    const shown = withContext(diffLines(text, text.replace('10', 'x')), 2)
    expect(shown[0]).toEqual({ gap: 8 })
    expect(shown[shown.length - 1]).toEqual({ gap: 7 })
  })
})
