/** The merged log of a run: NDJSON, one object a line, each naming the task instance that wrote it. */
import { type LogLine, parseLine } from './lines'

/** How many colours there are for tags. */
export const TAG_COLORS = 8

/** A reader for `openWindow` and its kin; continuation lines follow the last line of the same task. */
export function mergedReader(): (raw: string, offset: number, before: LogLine | null) => LogLine {
  const lastOf = new Map<string, LogLine>()
  return (raw, offset) => {
    const entry = readEntry(raw)
    const line = parseLine(entry.text, offset, lastOf.get(entry.tag) ?? null)
    line.tag = entry.tag
    if (line.time === null && entry.time !== null) line.time = entry.time
    lastOf.set(entry.tag, line)
    return line
  }
}

interface Entry {
  text: string
  tag: string
  time: number | null
}

function readEntry(raw: string): Entry {
  try {
    const value = JSON.parse(raw) as { t?: unknown; task?: unknown; map?: unknown; text?: unknown }
    const map = typeof value.map === 'number' && value.map >= 0 ? `[${value.map}]` : ''
    return {
      text: typeof value.text === 'string' ? value.text : raw,
      tag: `${typeof value.task === 'string' ? value.task : '?'}${map}`,
      time: typeof value.t === 'number' ? value.t * 1000 : null,
    }
  } catch {
    // A line that was cut, or no NDJSON at all: show it as it is rather than lose it.
    return { text: raw, tag: '?', time: null }
  }
}

/** The same tag has the same colour everywhere. */
export function tagColor(tag: string): number {
  let hash = 7
  for (let index = 0; index < tag.length; index += 1) hash = (hash * 31 + tag.charCodeAt(index)) >>> 0
  return hash % TAG_COLORS
}
