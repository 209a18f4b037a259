/** The conf being written: fields and JSON text, two views of one thing. */
import { useMemo, useState } from 'react'
import { type Field, type Json, type NamedParam, readFields } from './fields'
import { validate } from './validate'
import { type Entries, type Entry, extraKeys, jsonComplaint, parseEntry, toConf, toEntries } from './values'

type Conf = Record<string, Json>

export type ConfState = {
  fields: Field[]
  entries: Entries
  /** Complaints of fields that were left, or of all after a try to send. */
  errors: Record<string, string>
  text: string
  textError: string | null
  change: (name: string, entry: Entry) => void
  blur: (name: string) => void
  setText: (text: string) => void
  /** What an earlier conf would be once filled in. */
  preview: (conf: Conf) => Conf
  /** Fills in an earlier conf. */
  fill: (conf: Conf) => void
  /** Whether everything is valid; shows every complaint. */
  check: () => boolean
  conf: () => Conf
}

export function useConf(params: readonly NamedParam[], given: Conf | null): ConfState {
  const fields = useMemo(() => readFields(params), [params])
  const [entries, setEntries] = useState<Entries>(() => toEntries(fields, given ?? {}))
  const [extra, setExtra] = useState<Conf>(() => extraKeys(fields, given ?? {}))
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  // While the text is no JSON it stands alone; else it is written from the fields.
  const [draft, setDraft] = useState<string | null>(null)
  const conf = () => toConf(fields, entries, extra)
  const all = useMemo(() => complaints(fields, entries), [fields, entries])
  const errors = Object.fromEntries(Object.entries(all).filter(([name]) => left.has(name)))
  const parsed = draft === null ? null : parseConf(draft)

  const fill = (next: Conf) => {
    setEntries(toEntries(fields, next))
    setExtra(extraKeys(fields, next))
    setDraft(null)
  }
  const setText = (text: string) => {
    setDraft(text)
    const read = parseConf(text)
    if (read.conf === null) return
    setEntries(toEntries(fields, read.conf))
    setExtra(extraKeys(fields, read.conf))
  }
  return {
    fields,
    entries,
    errors,
    text: draft ?? JSON.stringify(conf(), null, 2),
    textError: parsed?.error ?? null,
    change: (name, entry) => {
      setEntries((now) => ({ ...now, [name]: entry }))
      setDraft(null)
    },
    blur: (name) => setLeft((now) => new Set(now).add(name)),
    setText,
    preview: (past) => toConf(fields, toEntries(fields, past), extraKeys(fields, past)),
    fill,
    check: () => {
      setLeft(new Set(fields.map((field) => field.name)))
      return Object.keys(all).length === 0 && (parsed?.error ?? null) === null
    },
    conf,
  }
}

function complaints(fields: readonly Field[], entries: Entries): Record<string, string> {
  const found: Record<string, string> = {}
  for (const field of fields) {
    const entry = entries[field.name]
    if (entry === undefined) continue
    const parsed = parseEntry(field, entry)
    const error = parsed.error ?? validate(parsed.value as Json, field.schema)
    if (error !== null) found[field.name] = error
  }
  return found
}

function parseConf(text: string): { conf: Conf | null; error: string | null } {
  if (text.trim() === '') return { conf: {}, error: null }
  try {
    const value = JSON.parse(text) as Json
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { conf: value, error: null }
    return { conf: null, error: 'The configuration must be a JSON object: { … }' }
  } catch (error) {
    return { conf: null, error: jsonComplaint(error, text) }
  }
}
