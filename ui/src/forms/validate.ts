/**
 * JSON Schema, as far as params use it, worded as the server words it (jsonschema's sentences, values as Python writes
 * them), so that what stands under a field while typing is what the server would say. The server decides.
 */
import { type Json, type Schema, types } from './fields'

/** Null when the value is fine. */
export function validate(value: Json, schema: Schema): string | null {
  for (const rule of RULES) {
    const complaint = rule(value, schema)
    if (complaint !== null) return complaint
  }
  return null
}

type Rule = (value: Json, schema: Schema) => string | null

function checkType(value: Json, schema: Schema): string | null {
  const allowed = types(schema)
  if (allowed.length === 0 || allowed.some((type) => isOf(value, type))) return null
  return `${repr(value)} is not of type ${allowed.map((type) => repr(type)).join(', ')}`
}

function isOf(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string'
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return true
  }
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkChoice(value: Json, schema: Schema): string | null {
  if (schema.const !== undefined && !same(value, schema.const)) return `${repr(schema.const)} was expected`
  if (schema.enum !== undefined && !schema.enum.some((allowed) => same(value, allowed))) {
    return `${repr(value)} is not one of ${repr(schema.enum)}`
  }
  return null
}

function checkNumber(value: Json, schema: Schema): string | null {
  if (typeof value !== 'number') return null
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (minimum !== undefined && value < minimum) return `${value} is less than the minimum of ${minimum}`
  if (maximum !== undefined && value > maximum) return `${value} is greater than the maximum of ${maximum}`
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return `${value} is less than or equal to the minimum of ${exclusiveMinimum}`
  }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
    return `${value} is greater than or equal to the maximum of ${exclusiveMaximum}`
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) return `${value} is not a multiple of ${multipleOf}`
  return null
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function checkText(value: Json, schema: Schema): string | null {
  if (typeof value !== 'string') return null
  const length = [...value].length
  if (schema.minLength !== undefined && length < schema.minLength) {
    return value === '' && schema.minLength === 1 ? "'' should be non-empty" : `${repr(value)} is too short`
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) return `${repr(value)} is too long`
  if (schema.pattern !== undefined && !matches(value, schema.pattern)) {
    return `${repr(value)} does not match ${repr(schema.pattern)}`
  }
  if (schema.format !== undefined && !hasFormat(value, schema.format))
    return `${repr(value)} is not a ${repr(schema.format)}`
  return null
}

/** A pattern that is Python's only (look-behind of varying width, named groups) is left to the server. */
function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

const FORMATS: Record<string, (text: string) => boolean> = {
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i.test(text),
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i.test(text) && isDay(text.slice(0, 10)),
  email: (text) => text.includes('@'),
  ipv4: (text) => /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function hasFormat(value: string, format: string): boolean {
  return FORMATS[format]?.(value) ?? true
}

function checkArray(value: Json, schema: Schema): string | null {
  if (!Array.isArray(value)) return null
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return value.length === 0 && schema.minItems === 1 ? '[] should be non-empty' : `${repr(value)} is too short`
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) return `${repr(value)} is too long`
  if (schema.uniqueItems === true && value.some((item, at) => value.slice(0, at).some((other) => same(item, other)))) {
    return `${repr(value)} has non-unique elements`
  }
  if (schema.items === undefined) return null
  return firstOf(value.map((item) => () => validate(item, schema.items as Schema)))
}

function checkObject(value: Json, schema: Schema): string | null {
  if (!isObject(value)) return null
  for (const name of schema.required ?? []) {
    if (!(name in value)) return `${repr(name)} is a required property`
  }
  const known = schema.properties ?? {}
  const extra = Object.keys(value).filter((name) => !(name in known))
  if (schema.additionalProperties === false && extra.length > 0) {
    const verb = extra.length === 1 ? 'was' : 'were'
    return `Additional properties are not allowed (${extra.map((name) => repr(name)).join(', ')} ${verb} unexpected)`
  }
  const inner = Object.entries(known).filter(([name]) => name in value)
  const complaint = firstOf(
    inner.map(
      ([name, part]) =>
        () =>
          validate(value[name] as Json, part),
    ),
  )
  if (complaint !== null || typeof schema.additionalProperties !== 'object') return complaint
  const rest = schema.additionalProperties
  return firstOf(extra.map((name) => () => validate(value[name] as Json, rest)))
}

function checkCombined(value: Json, schema: Schema): string | null {
  const all = firstOf((schema.allOf ?? []).map((part) => () => validate(value, part)))
  if (all !== null) return all
  const under = `${repr(value)} is not valid under any of the given schemas`
  if (schema.anyOf !== undefined && !schema.anyOf.some((part) => validate(value, part) === null)) return under
  if (schema.oneOf === undefined) return null
  const fitting = schema.oneOf.filter((part) => validate(value, part) === null).length
  return fitting === 0 ? under : fitting > 1 ? `${repr(value)} is valid under each of several schemas` : null
}

function firstOf(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const complaint = check()
    if (complaint !== null) return complaint
  }
  return null
}

const RULES: readonly Rule[] = [checkType, checkChoice, checkNumber, checkText, checkArray, checkObject, checkCombined]

export function same(a: Json, b: Json): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index] as Json))
  }
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name] as Json, b[name] as Json))
  )
}

/** As Python's `repr` writes it. */
export function repr(value: Json): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return reprText(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  return `{${Object.entries(value)
    .map(([name, held]) => `${reprText(name)}: ${repr(held)}`)
    .join(', ')}}`
}

function reprText(text: string): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')
  if (text.includes("'") && !text.includes('"')) return `"${escaped}"`
  return `'${escaped.replace(/'/g, "\\'")}'`
}
