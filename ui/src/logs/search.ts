/** Finding text in lines: plain or by regular expression. */
import type { Span } from './ansi'
import { type LogLine, messageOf } from './lines'
import type { Row } from './rows'

export interface Query {
  text: string
  regex: boolean
}

export type Compiled = { pattern: RegExp | null; error: string | null }

/** Longer lines are searched to here only: an expression with bad habits must not hang the page. */
export const SEARCHED = 10_000

/** Case matters when the text has a capital, as in editors. */
export function compile(query: Query): Compiled {
  if (query.text === '') return { pattern: null, error: null }
  const source = query.regex ? query.text : query.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const flags = /[A-Z]/.test(query.text) ? 'u' : 'iu'
  try {
    return { pattern: new RegExp(source, flags), error: null }
  } catch (error) {
    return { pattern: null, error: error instanceof Error ? error.message.replace(/^[^:]*: /, '') : 'not valid' }
  }
}

/** Indexes of the rows whose line matches. */
export function matchingRows(lines: readonly LogLine[], rows: readonly Row[], pattern: RegExp | null): number[] {
  if (pattern === null) return []
  const found: number[] = []
  rows.forEach((row, index) => {
    const line = lines[row.line]
    if (line !== undefined && pattern.test(messageOf(line).slice(0, SEARCHED))) found.push(index)
  })
  return found
}

/** The match after (or before) a row, round the end. -1 when there is none. */
export function step(matches: readonly number[], from: number, forward: boolean): number {
  if (matches.length === 0) return -1
  if (forward) return matches.find((at) => at > from) ?? (matches[0] as number)
  for (let index = matches.length - 1; index >= 0; index -= 1) {
    if ((matches[index] as number) < from) return matches[index] as number
  }
  return matches[matches.length - 1] as number
}

export interface Piece extends Span {
  hit: boolean
}

const MOST_HITS = 200

/** Spans cut where hits begin and end. */
export function highlight(spans: readonly Span[], pattern: RegExp | null): Piece[] {
  if (pattern === null) return spans.map((span) => ({ ...span, hit: false }))
  const text = spans.map((span) => span.text).join('')
  const hits = ranges(text.slice(0, SEARCHED), pattern)
  const pieces: Piece[] = []
  let start = 0
  for (const span of spans) {
    cut(span, start, hits, pieces)
    start += span.text.length
  }
  return pieces
}

function ranges(text: string, pattern: RegExp): [number, number][] {
  const every = new RegExp(pattern.source, `${pattern.flags}g`)
  const found: [number, number][] = []
  for (const match of text.matchAll(every)) {
    if (match[0] !== '') found.push([match.index, match.index + match[0].length])
    if (found.length >= MOST_HITS) break
  }
  return found
}

function cut(span: Span, start: number, hits: readonly [number, number][], pieces: Piece[]): void {
  const end = start + span.text.length
  let at = start
  const add = (to: number, hit: boolean) => {
    if (to > at) pieces.push({ text: span.text.slice(at - start, to - start), style: span.style, hit })
    at = Math.max(at, to)
  }
  for (const [from, to] of hits) {
    if (to <= at || from >= end) continue
    add(Math.max(from, at), false)
    add(Math.min(to, end), true)
  }
  add(end, false)
}
