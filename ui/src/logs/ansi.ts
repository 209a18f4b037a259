/**
 * Terminal text of one line → spans of plain text with a style. Nothing here makes markup: the viewer puts `text`
 * into text nodes. Escape sequences that are no colours (cursor moves, titles, links, clipboard writes) vanish; control
 * characters and bidirectional overrides become visible, so that a log cannot pretend to be what it is not.
 */

/** 0-7 normal, 8-15 bright. Colours of 256 and of 24 bits are brought to the nearest, since only these 16 are known
 * to be legible in both themes. */
export type AnsiColor = number

export interface AnsiStyle {
  fg?: AnsiColor
  bg?: AnsiColor
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
  strike?: boolean
}

export interface Span {
  text: string
  style: AnsiStyle | null
}

const ESC = 0x1b
const MAX_PARAMS = 32
const MAX_SEQUENCE = 256

/** Whether a line needs parsing at all: most lines of most logs do not. */
const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

export function parseAnsi(line: string): Span[] {
  if (line === '') return []
  if (!SPECIAL.test(line)) return [{ text: line, style: null }]
  const raw = lastOverwrite(line)
  const spans: Span[] = []
  let style: AnsiStyle | null = null
  let text = ''
  const flush = () => {
    if (text !== '') spans.push({ text, style })
    text = ''
  }
  let at = 0
  while (at < raw.length) {
    const code = raw.charCodeAt(at)
    if (code === ESC || code === 0x9b || isStringStart(code)) {
      const sequence = readSequence(raw, at)
      if (sequence.sgr !== null) {
        flush()
        style = applySgr(style, sequence.sgr)
      }
      at = sequence.end
    } else {
      text += visible(raw, at, code)
      at += 1
    }
  }
  flush()
  return spans
}

/** What the spans say, without styles: searching and copying work on this. */
export function plainText(line: string): string {
  if (!SPECIAL.test(line)) return line
  let text = ''
  for (const span of parseAnsi(line)) text += span.text
  return text
}

/** A progress bar rewrites its line with carriage returns: only what stood last is shown. */
function lastOverwrite(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 13) end -= 1
  const from = line.lastIndexOf('\r', end - 1)
  return from < 0 ? line.slice(0, end) : line.slice(from + 1, end)
}

function isStringStart(code: number): boolean {
  return code === 0x90 || code === 0x98 || code === 0x9d || code === 0x9e || code === 0x9f
}

interface Sequence {
  end: number
  sgr: number[] | null
}

function readSequence(raw: string, at: number): Sequence {
  const code = raw.charCodeAt(at)
  if (code === 0x9b) return readCsi(raw, at + 1)
  if (isStringStart(code)) return readString(raw, at + 1)
  const next = raw[at + 1]
  if (next === '[') return readCsi(raw, at + 2)
  if (next !== undefined && ']PX^_'.includes(next)) return readString(raw, at + 2)
  if (next !== undefined && '()*+-./#% '.includes(next)) return { end: Math.min(at + 3, raw.length), sgr: null }
  return { end: Math.min(at + (next === undefined ? 1 : 2), raw.length), sgr: null }
}

/** `ESC [ params letter`. One without an end within reach is no sequence: the escape alone is swallowed. */
function readCsi(raw: string, from: number): Sequence {
  const limit = Math.min(raw.length, from + MAX_SEQUENCE)
  let at = from
  while (at < limit) {
    const code = raw.charCodeAt(at)
    if (code >= 0x40 && code <= 0x7e) {
      const sgr = raw[at] === 'm' ? readParams(raw.slice(from, at)) : null
      return { end: at + 1, sgr }
    }
    if (code < 0x20 || code > 0x3f) break
    at += 1
  }
  return { end: from, sgr: null }
}

/** Titles, hyperlinks, clipboard writes: all up to BEL or ST is dropped; without an end, only the introducer is. */
function readString(raw: string, from: number): Sequence {
  for (let at = from; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at)
    if (code === 0x07 || code === 0x9c) return { end: at + 1, sgr: null }
    if (code === ESC && raw[at + 1] === '\\') return { end: at + 2, sgr: null }
  }
  return { end: from, sgr: null }
}

function readParams(text: string): number[] | null {
  if (/[^0-9;:]/.test(text)) return null
  const parts = text.split(/[;:]/)
  if (parts.length > MAX_PARAMS) return null
  return parts.map((part) => (part === '' ? 0 : Number.parseInt(part, 10)))
}

function applySgr(before: AnsiStyle | null, params: number[]): AnsiStyle | null {
  let style: AnsiStyle = { ...before }
  for (let index = 0; index < params.length; index += 1) {
    const code = params[index] ?? 0
    if (code === 0) style = {}
    else if (code === 38 || code === 48) {
      const wide = readWideColor(params, index + 1)
      if (wide.color !== null) {
        if (code === 38) style.fg = wide.color
        else style.bg = wide.color
      }
      index = wide.end
    } else applyCode(style, code)
  }
  return Object.keys(style).length === 0 ? null : style
}

const SWITCHES: Record<number, keyof Pick<AnsiStyle, 'bold' | 'dim' | 'italic' | 'underline' | 'strike'>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  9: 'strike',
  21: 'underline',
}

function applyCode(style: AnsiStyle, code: number): void {
  const on = SWITCHES[code]
  if (on !== undefined) style[on] = true
  else if (code === 22) {
    delete style.bold
    delete style.dim
  } else if (code === 23) delete style.italic
  else if (code === 24) delete style.underline
  else if (code === 29) delete style.strike
  else if (code === 39) delete style.fg
  else if (code === 49) delete style.bg
  else if (code >= 30 && code <= 37) style.fg = code - 30
  else if (code >= 40 && code <= 47) style.bg = code - 40
  else if (code >= 90 && code <= 97) style.fg = code - 82
  else if (code >= 100 && code <= 107) style.bg = code - 92
  else if (code === 7) [style.fg, style.bg] = [style.bg ?? 15, style.fg ?? 0]
}

/** `5;n` or `2;r;g;b` from `start`; `end` is the index of the last number used. */
function readWideColor(params: number[], start: number): { color: AnsiColor | null; end: number } {
  const kind = params[start]
  if (kind === 5) return { color: from256(params[start + 1] ?? -1), end: start + 1 }
  if (kind === 2) {
    const [red, green, blue] = [params[start + 1], params[start + 2], params[start + 3]]
    if (red === undefined || green === undefined || blue === undefined) return { color: null, end: params.length }
    return { color: nearest(red, green, blue), end: start + 3 }
  }
  return { color: null, end: start }
}

function from256(index: number): AnsiColor | null {
  if (index < 0 || index > 255) return null
  if (index < 16) return index
  if (index >= 232) return index < 238 ? 0 : index < 246 ? 8 : index < 252 ? 7 : 15
  const cube = index - 16
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

/** By which of the three lights are on: two colours of one hue stay one hue. */
function nearest(red: number, green: number, blue: number): AnsiColor {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most - least < 48) return most < 64 ? 0 : most < 144 ? 8 : most < 208 ? 7 : 15
  const middle = (most + least) / 2
  const hue = (red > middle ? 1 : 0) | (green > middle ? 2 : 0) | (blue > middle ? 4 : 0)
  return most > 230 ? hue + 8 : hue
}

function visible(raw: string, at: number, code: number): string {
  if (code === 9) return '\t'
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if (code >= 0x80 && code <= 0x9f) return '\ufffd'
  if (isBidiControl(code)) return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`
  return raw[at] ?? ''
}

function isBidiControl(code: number): boolean {
  return (
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}
