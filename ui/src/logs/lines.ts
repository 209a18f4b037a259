/** What one line of a log is: level, source, time, and which part it plays in a fold. */

import { plainText } from './ansi'

export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical'

export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error', 'critical']

export type LineKind = 'plain' | 'group' | 'endgroup' | 'traceback'

export interface LogLine {
  /** Of the line's first byte in the file. */
  offset: number
  raw: string
  level: Level
  /** The file (or logger) that wrote it; "" when the line does not say. */
  source: string
  /** Epoch milliseconds, null when the line does not say. */
  time: number | null
  /** Where the message begins in `raw`, after time, source and level. */
  body: number
  kind: LineKind
  /** Begins a record: it carries its own time or level. Others belong to the record before them. */
  head: boolean
  /** Of a merged log: the task (and map index, try) it comes from. */
  tag?: string
}

const RECORD = /^\[(\d{4}-\d\d-\d\d[T ][^\]]{8,24})\](?: \[[^\]]{1,80}\])? \{([^}]{1,200}?)(?::\d+)?\} ([A-Z]{4,8}) - /
const SIMPLE =
  /^(?:\[?(\d{4}-\d\d-\d\d[T ][\d:.,]{8,15}(?:Z|[+-]\d\d:?\d\d)?)\]?\s+)?(?:- )?(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\s:|-]*/
const TRACEBACK = 'Traceback (most recent call last)'
const EXCEPTION_GROUP = '+ Exception Group Traceback (most recent call last)'
const GROUP = '::group::'
const END_GROUP = '::endgroup::'

const LEVEL_OF: Record<string, Level> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
  FATAL: 'critical',
}

/** `before` is the line above: a line without a head of its own continues that record. */
export function parseLine(raw: string, offset: number, before: LogLine | null): LogLine {
  const line = readRecord(raw, offset) ?? readJson(raw, offset) ?? readSimple(raw, offset)
  const found = line ?? continuation(raw, offset, before)
  found.kind = kindOf(found.raw, found.body)
  if (found.kind === 'traceback' && rank(found.level) < rank('error')) found.level = 'error'
  return found
}

export function rank(level: Level): number {
  return LEVELS.indexOf(level)
}

/** What the line says, after time, source and level, without escape sequences: what is shown, searched and copied. */
export function messageOf(line: LogLine): string {
  return plainText(line.body === 0 ? line.raw : line.raw.slice(line.body))
}

export function isError(line: LogLine): boolean {
  return line.level === 'error' || line.level === 'critical'
}

function readRecord(raw: string, offset: number): LogLine | null {
  if (raw.charCodeAt(0) !== 91) return null
  const match = RECORD.exec(raw)
  if (match === null) return null
  const level = LEVEL_OF[match[3] ?? '']
  if (level === undefined) return null
  return {
    offset,
    raw,
    level,
    source: match[2] ?? '',
    time: toTime(match[1] ?? ''),
    body: match[0].length,
    kind: 'plain',
    head: true,
  }
}

/** A structured line: the message is shown, the rest of the object stays in `raw` for whoever copies it. */
function readJson(raw: string, offset: number): LogLine | null {
  if (raw.charCodeAt(0) !== 123 || !raw.includes('"level"')) return null
  let value: unknown
  try {
    value = JSON.parse(raw)
  } catch {
    return null
  }
  const entry = value as Record<string, unknown>
  const level = LEVEL_OF[String(entry.level).toUpperCase()]
  if (level === undefined) return null
  const text = entry.event ?? entry.message ?? entry.msg
  if (typeof text !== 'string') return null
  const stamp = entry.timestamp ?? entry.time ?? entry.ts
  return {
    offset,
    raw: text,
    level,
    source: typeof entry.logger === 'string' ? entry.logger : '',
    time: typeof stamp === 'string' ? toTime(stamp) : null,
    body: 0,
    kind: 'plain',
    head: true,
  }
}

function readSimple(raw: string, offset: number): LogLine | null {
  const match = SIMPLE.exec(raw)
  if (match === null) return null
  return {
    offset,
    raw,
    level: LEVEL_OF[match[2] ?? ''] ?? 'info',
    source: '',
    time: match[1] === undefined ? null : toTime(match[1]),
    body: match[1] === undefined ? 0 : raw.indexOf(match[2] ?? ''),
    kind: 'plain',
    head: true,
  }
}

function continuation(raw: string, offset: number, before: LogLine | null): LogLine {
  return {
    offset,
    raw,
    level: before?.level ?? 'info',
    source: before?.source ?? '',
    time: null,
    body: 0,
    kind: 'plain',
    head: false,
  }
}

function kindOf(raw: string, body: number): LineKind {
  if (raw.startsWith(GROUP, body)) return 'group'
  if (raw.startsWith(END_GROUP, body)) return 'endgroup'
  if (raw.startsWith(TRACEBACK, body) || raw.trimStart().startsWith(EXCEPTION_GROUP)) return 'traceback'
  return 'plain'
}

/** The title after `::group::`. */
export function groupTitle(line: LogLine): string {
  return line.raw.slice(line.body + GROUP.length).trim() || 'Group'
}

function toTime(text: string): number | null {
  const iso = text
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
  const time = Date.parse(iso)
  return Number.isNaN(time) ? null : time
}
