/**
 * The part of a log that is in memory: one contiguous range of bytes, as lines. It grows at either end and gives up the
 * other end above its limit, so that a log of any size can be read through.
 */
import { type LogLine, parseLine } from './lines'

export const PAGE_BYTES = 200_000
export const MOST_BYTES = 5_000_000

/** As `/ui/v1/…/log` answers. `line` is the number of the first line of `text`, when the server counted. */
export interface LogPart {
  size: number
  offset: number
  next: number
  complete: boolean
  text: string
  first_error_offset?: number | null
  line?: number | null
}

export interface LogWindow {
  start: number
  end: number
  size: number
  /** Nothing will be added to the file any more. */
  complete: boolean
  lines: LogLine[]
  /** Number (from 1) of the first line, null when nobody counted. */
  firstLine: number | null
  firstError: number | null
  /** The last line has no line feed yet. */
  torn: boolean
}

const encoder = new TextEncoder()

export function byteLength(text: string): number {
  return encoder.encode(text).length
}

/** What positions count. The merged log of a run has no bytes of its own: there it is lines. */
export interface Measure {
  /** Read at once. */
  page: number
  /** Kept in memory. */
  most: number
  /** Looked through at once. */
  scan: number
  /** From the begin of a line to that of the next. */
  length: (raw: string) => number
}

export const BYTES: Measure = {
  page: PAGE_BYTES,
  most: MOST_BYTES,
  scan: 1_000_000,
  length: (raw) => byteLength(raw) + 1,
}

export const LINES: Measure = { page: 2_000, most: 40_000, scan: 10_000, length: () => 1 }

export type LineReader = (raw: string, offset: number, before: LogLine | null) => LogLine

export function openWindow(part: LogPart, read: LineReader = parseLine, measure: Measure = BYTES): LogWindow {
  const lines = split(part.text, part.offset, null, read, measure)
  return {
    start: part.offset,
    end: part.next,
    size: Math.max(part.size, part.next),
    complete: part.complete,
    lines,
    firstLine: part.line ?? (part.offset === 0 ? 1 : null),
    firstError: part.first_error_offset ?? null,
    torn: part.text !== '' && !part.text.endsWith('\n'),
  }
}

/** The part that follows. One that does not begin where the window ends is refused: bytes would be missing. */
export function append(
  window: LogWindow,
  part: LogPart,
  read: LineReader = parseLine,
  measure: Measure = BYTES,
): LogWindow {
  if (part.offset !== window.end) return window
  const lines = window.lines.slice()
  let { text, offset } = { text: part.text, offset: part.offset }
  if (window.torn && text !== '' && lines.length > 0) {
    const last = lines.pop() as LogLine
    const before = lines[lines.length - 1] ?? null
    const feed = text.indexOf('\n')
    const rest = feed < 0 ? text : text.slice(0, feed)
    lines.push(read(last.raw + rest, last.offset, before))
    const used = feed < 0 ? text.length : feed + 1
    offset += byteLength(text.slice(0, used))
    text = text.slice(used)
  }
  for (const line of split(text, offset, lines[lines.length - 1] ?? null, read, measure)) lines.push(line)
  return {
    ...window,
    end: part.next,
    size: Math.max(part.size, part.next, window.size),
    complete: part.complete,
    lines,
    firstError: window.firstError ?? part.first_error_offset ?? null,
    torn: part.text === '' ? window.torn : !part.text.endsWith('\n'),
  }
}

/** Parts are cut by bytes, which may be inside a character: so far from it is still the same place. */
const SLACK = 16

/** The part that ends where the window begins. One that does not begin at a line gives its first piece up. */
export function prepend(
  window: LogWindow,
  given: LogPart,
  read: LineReader = parseLine,
  measure: Measure = BYTES,
): LogWindow {
  if (given.next > window.start || given.next < window.start - SLACK) return window
  const part = measure === LINES ? given : atLine(given)
  const added = split(part.text, part.offset, null, read, measure)
  return {
    ...window,
    start: part.offset,
    lines: added.concat(window.lines),
    firstLine: window.firstLine === null ? (part.offset === 0 ? 1 : null) : window.firstLine - added.length,
  }
}

/** Gives up whole lines of one end until the window is within `most` bytes. */
export function trim(window: LogWindow, keep: 'start' | 'end', most: number = MOST_BYTES): LogWindow {
  if (window.end - window.start <= most) return window
  if (keep === 'end') {
    const from = window.lines.findIndex((line) => window.end - line.offset <= most)
    const first = window.lines[from]
    if (first === undefined) return window
    return {
      ...window,
      start: first.offset,
      lines: window.lines.slice(from),
      firstLine: window.firstLine === null ? null : window.firstLine + from,
    }
  }
  let to = window.lines.length
  const endOf = (index: number) => window.lines[index + 1]?.offset ?? window.end
  while (to > 1 && endOf(to - 1) - window.start > most) to -= 1
  const cut = window.lines[to]
  if (cut === undefined) return window
  return { ...window, end: cut.offset, lines: window.lines.slice(0, to), torn: false, complete: false }
}

/** Without the rest of a line that a part asked for by bytes begins with. */
export function atLine(part: LogPart): LogPart {
  if (part.offset === 0) return part
  const feed = part.text.indexOf('\n')
  if (feed < 0) return part
  const dropped = part.text.slice(0, feed + 1)
  const broken = /^\ufffd{0,3}/.exec(dropped)?.[0].length ?? 0
  return { ...part, text: part.text.slice(feed + 1), offset: part.offset + byteLength(dropped) - 2 * broken }
}

function split(text: string, offset: number, before: LogLine | null, read: LineReader, measure: Measure): LogLine[] {
  const lines: LogLine[] = []
  let last = before
  let at = 0
  let position = offset
  while (at < text.length) {
    const feed = text.indexOf('\n', at)
    const end = feed < 0 ? text.length : feed
    const raw = text.slice(at, end)
    last = read(raw, position, last)
    lines.push(last)
    position += measure.length(raw)
    at = end + 1
  }
  return lines
}

/** Index of the line that holds a byte; -1 when it is not in the window. */
export function lineAt(window: LogWindow, offset: number): number {
  if (offset < window.start || offset >= window.end) return -1
  let low = 0
  let high = window.lines.length - 1
  let found = -1
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((window.lines[middle] as LogLine).offset <= offset) {
      found = middle
      low = middle + 1
    } else high = middle - 1
  }
  return found
}
