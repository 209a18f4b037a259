/** What stands in a form's inputs ↔ the JSON values of the conf. */
import type { Field, Json } from './fields'

/** What an input holds: text for everything that is typed, else the value itself. */
export interface Entry {
  text: string
  value: Json
  /** "No value": only of nullable fields. */
  isNull: boolean
}

export type Entries = Record<string, Entry>

export type Parsed = { value: Json; error: null } | { value: undefined; error: string }

export function toEntry(field: Field, value: Json): Entry {
  return { text: textOf(field, value), value, isNull: field.nullable && value === null }
}

export function toEntries(fields: readonly Field[], conf: Record<string, Json> = {}): Entries {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      toEntry(field, field.name in conf ? (conf[field.name] ?? null) : field.initial),
    ]),
  )
}

function textOf(field: Field, value: Json): string {
  if (value === null) return field.kind === 'json' ? (field.nullable ? '' : 'null') : ''
  switch (field.kind) {
    case 'json':
      return JSON.stringify(value, null, 2)
    case 'lines':
      return Array.isArray(value)
        ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n')
        : String(value)
    case 'datetime':
      return String(value)
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}

/** The value that an input stands for, or why it stands for none. Whether the schema allows it is `validate`'s. */
export function parseEntry(field: Field, entry: Entry): Parsed {
  if (field.nullable && entry.isNull) return { value: null, error: null }
  switch (field.kind) {
    case 'boolean':
    case 'choice':
    case 'choices':
    case 'const':
      return { value: entry.value, error: null }
    case 'integer':
    case 'number':
      return parseNumber(field, entry.text)
    case 'json':
      return parseJson(entry.text)
    case 'lines':
      return parseLines(field, entry.text)
    case 'date':
    case 'time':
    case 'datetime':
      return { value: entry.text === '' ? null : entry.text, error: null }
    default:
      return { value: entry.text === '' && field.initial === null ? null : entry.text, error: null }
  }
}

function parseNumber(field: Field, text: string): Parsed {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null, error: null }
  const value = Number(trimmed)
  if (!Number.isFinite(value)) return { value: undefined, error: `'${trimmed}' is not of type '${field.kind}'` }
  return { value, error: null }
}

function parseJson(text: string): Parsed {
  if (text.trim() === '') return { value: null, error: null }
  try {
    return { value: JSON.parse(text) as Json, error: null }
  } catch (error) {
    return { value: undefined, error: `No JSON: ${jsonComplaint(error, text)}` }
  }
}

/** The parser's words, with line and column instead of a position. */
export function jsonComplaint(error: unknown, text: string): string {
  const words = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(words)?.[1]
  if (position === undefined) return words
  const before = text.slice(0, Number(position)).split('\n')
  const place = `line ${before.length}, column ${(before[before.length - 1] ?? '').length + 1}`
  return `${words.replace(/ in JSON at position.*$/, '').replace(/ at position.*$/, '')} at ${place}`
}

function parseLines(field: Field, text: string): Parsed {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop()
  if (field.item === 'string') return { value: lines, error: null }
  const numbers: number[] = []
  for (const line of lines) {
    const value = Number(line.trim())
    if (line.trim() === '' || !Number.isFinite(value)) {
      return { value: undefined, error: `'${line}' is not of type '${field.item}'` }
    }
    numbers.push(value)
  }
  return { value: numbers, error: null }
}

/** The conf to send: every param with its value, so that the run says what it ran with. */
export function toConf(fields: readonly Field[], entries: Entries, extra: Record<string, Json>): Record<string, Json> {
  const conf: Record<string, Json> = { ...extra }
  for (const field of fields) {
    const entry = entries[field.name]
    if (entry === undefined) continue
    const parsed = parseEntry(field, entry)
    if (parsed.error === null) conf[field.name] = parsed.value
  }
  return conf
}

/** Keys of a conf that no param declares: they are kept, not lost. */
export function extraKeys(fields: readonly Field[], conf: Record<string, Json>): Record<string, Json> {
  const known = new Set(fields.map((field) => field.name))
  return Object.fromEntries(Object.entries(conf).filter(([name]) => !known.has(name)))
}
