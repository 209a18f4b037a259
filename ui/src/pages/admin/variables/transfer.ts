/** Variables as a file of JSON, and back: `{"key": value}` or `{"key": {"value": …, "description": "…"}}`. Pure. */

export type VariableRow = {
  key: string
  value: string
  /** The value in the list is only its beginning. */
  cut: boolean
  json: boolean
  masked: boolean
  description: string | null
}

export type Entry = { key: string; value: string; description: string | null }

/** The entries of a file. Throws an Error with a sentence when it is none of ours. */
export function readFile(text: string): Entry[] {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (problem) {
    throw new Error(`The file is no JSON: ${(problem as Error).message}`, { cause: problem })
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new Error('The file must hold one JSON object: each key is a variable.')
  return Object.entries(data).map(([key, given]) => entryOf(key, given))
}

function entryOf(key: string, given: unknown): Entry {
  const described = given as { value?: unknown; description?: unknown } | null
  const names = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given) : []
  const isDescribed = names.includes('value') && names.every((name) => name === 'value' || name === 'description')
  if (!isDescribed) return { key, value: textOf(given), description: null }
  const { description } = described ?? {}
  return { key, value: textOf(described?.value), description: typeof description === 'string' ? description : null }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The file of some variables. Values that are JSON are written as such. Masked ones are not in it. */
export function writeFile(
  rows: readonly Pick<VariableRow, 'key' | 'value' | 'json' | 'masked' | 'description'>[],
): string {
  const data: Record<string, unknown> = {}
  for (const row of rows) {
    if (row.masked) continue
    const value: unknown = row.json ? JSON.parse(row.value) : row.value
    data[row.key] = row.description ? { value, description: row.description } : value
  }
  return `${JSON.stringify(data, null, 2)}\n`
}

/** What importing would do. */
export function planOf(
  entries: readonly Entry[],
  present: readonly { key: string }[],
): { added: Entry[]; changed: Entry[] } {
  const known = new Set(present.map((row) => row.key))
  return {
    added: entries.filter((entry) => !known.has(entry.key)),
    changed: entries.filter((entry) => known.has(entry.key)),
  }
}

/** Whether a text is JSON other than a bare word or number. */
export function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
