import { describe, expect, it } from 'vitest'
import { parseAnsi, plainText } from './ansi'
import { findFolds } from './folds'
import { type LogLine, parseLine } from './lines'
import { mergedReader, tagColor } from './merged'
import { layOut, NO_FILTER, rowOfLine, sourcesOf } from './rows'
import { compile, highlight, matchingRows, step } from './search'
import { append, byteLength, LINES, lineAt, openWindow, prepend, trim } from './window'

const ESC = '\u001b'

function lines(text: string): LogLine[] {
  return openWindow({ size: 0, offset: 0, next: byteLength(text), complete: true, text }).lines
}

const stamp = '[2026-11-21T01:57:05.123+0000]'

describe('ANSI', () => {
  it('gives plain text as one span', () => {
    expect(parseAnsi('hello <b>')).toEqual([{ text: 'hello <b>', style: null }])
  })

  it('reads colours, bold and their end', () => {
    expect(parseAnsi(`a${ESC}[1;31mred${ESC}[0mb`)).toEqual([
      { text: 'a', style: null },
      { text: 'red', style: { bold: true, fg: 1 } },
      { text: 'b', style: null },
    ])
    expect(parseAnsi(`${ESC}[91;44mx${ESC}[39;49my`)).toEqual([
      { text: 'x', style: { fg: 9, bg: 4 } },
      { text: 'y', style: null },
    ])
  })

  it('brings 256 and true colours to the sixteen that are legible', () => {
    expect(parseAnsi(`${ESC}[38;5;196mx`)[0]?.style).toEqual({ fg: 9 })
    expect(parseAnsi(`${ESC}[38;2;20;160;30mx`)[0]?.style).toEqual({ fg: 2 })
    expect(parseAnsi(`${ESC}[48;5;240mx`)[0]?.style).toEqual({ bg: 8 })
    expect(parseAnsi(`${ESC}[38;5;999mx`)[0]?.style).toBeNull()
    expect(parseAnsi(`${ESC}[38;2;1mx`)[0]?.style).toBeNull()
  })

  it.each([
    ['a cursor move and clear screen', `${ESC}[2J${ESC}[10;10Hok`, 'ok'],
    ['a window title', `${ESC}]0;pwned\u0007ok`, 'ok'],
    ['a hyperlink keeps its text only', `${ESC}]8;;javascript:alert(1)${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['a clipboard write', `${ESC}]52;c;cm0gLXJmIC8=\u0007ok`, 'ok'],
    ['a device control string', `${ESC}P+q544e${ESC}\\ok`, 'ok'],
    ['an unterminated string', `${ESC}]0;never ends`, '0;never ends'],
    ['an unterminated sequence', `${ESC}[31`, '31'],
    ['an escape at the end', `ok${ESC}`, 'ok'],
    ['an 8-bit introducer', '\u009b31mok', 'ok'],
    ['a charset switch', `${ESC}(0ok`, 'ok'],
    ['a progress bar', '10%\r50%\r100%\r', '100%'],
    ['backspaces and bells', 'a\bb\u0007', 'a\u2408b\u2407'],
    ['a bidirectional override', '\u202egpj.exe', '\u27e8U+202E\u27e9gpj.exe'],
    ['a NUL', 'a\u0000b', 'a\u2400b'],
  ])('disarms %s', (_, raw, text) => {
    expect(plainText(raw)).toBe(text)
  })

  it('refuses endless parameters and stays linear', () => {
    const hostile = `${ESC}[${'1;'.repeat(100_000)}mX`
    expect(plainText(hostile)).toContain('X')
    expect(parseAnsi(`${ESC}[31m`.repeat(50_000)).length).toBe(0)
    expect(plainText(`${ESC}]`.repeat(2_000))).toBe('')
  })
})

describe('lines', () => {
  it("reads Airflow's line", () => {
    const [line] = lines(`${stamp} {taskinstance.py:1225} WARNING - Careful\n`)
    expect(line).toMatchObject({ level: 'warning', source: 'taskinstance.py', head: true })
    expect(line?.time).toBe(Date.UTC(2026, 10, 21, 1, 57, 5, 123))
    expect(line?.raw.slice(line.body)).toBe('Careful')
  })

  it('lets a line without a head continue the record before it', () => {
    const read = lines(`${stamp} {a.py:1} ERROR - one\ntwo\n${stamp} {b.py:1} INFO - three\nfour`)
    expect(read.map((line) => line.level)).toEqual(['error', 'error', 'info', 'info'])
    expect(read.map((line) => line.head)).toEqual([true, false, true, false])
    expect(read[1]?.source).toBe('a.py')
  })

  it.each([
    ['2026-11-21 01:57:05,123 - ERROR - boom', 'error'],
    ['DEBUG:root:x', 'debug'],
    ['CRITICAL x', 'critical'],
    ['WARN  something', 'warning'],
    ['{"level":"error","event":"bad","timestamp":"2026-11-21T01:57:05Z","logger":"app"}', 'error'],
    ['ERRORS are not a level', 'info'],
    ['{"level": broken', 'info'],
  ])('finds the level of %s', (raw, level) => {
    expect(parseLine(raw, 0, null).level).toBe(level)
  })

  it('takes a traceback for an error', () => {
    expect(parseLine('Traceback (most recent call last):', 0, null)).toMatchObject({
      kind: 'traceback',
      level: 'error',
    })
  })
})

const TRACE = `${stamp} {task.py:1} ERROR - Task failed
Traceback (most recent call last):
  File "a.py", line 1, in f
    boom()
ValueError: bad
${stamp} {task.py:2} INFO - after
`

describe('folds', () => {
  it('folds a traceback up to its exception', () => {
    expect(findFolds(lines(TRACE))).toMatchObject([{ kind: 'traceback', start: 1, end: 4, title: 'ValueError: bad' }])
  })

  it('nests groups, closes them at first, and opens those that hold an error', () => {
    const read = lines(
      `${stamp} {a.py:1} INFO - ::group::Outer\nx\n${stamp} {a.py:1} INFO - ::group::Inner\ny\n` +
        `${stamp} {a.py:1} INFO - ::endgroup::\n${stamp} {a.py:1} INFO - ::endgroup::\n${stamp} {a.py:1} INFO - z\n` +
        `::group::Bad\n${stamp} {a.py:1} ERROR - no\n::endgroup::\n`,
    )
    expect(findFolds(read).map((fold) => [fold.title, fold.start, fold.end, fold.openAtFirst])).toEqual([
      ['Outer', 0, 5, false],
      ['Inner', 2, 4, false],
      ['Bad', 7, 9, true],
    ])
  })

  it('lets a group without an end reach the last line, and ignores an end without a group', () => {
    expect(findFolds(lines('::endgroup::\n::group::A\nb\nc'))).toMatchObject([{ start: 1, end: 3 }])
  })
})

describe('rows', () => {
  const read = lines(`::group::A\nin\n::endgroup::\n${stamp} {a.py:1} WARNING - w\n${TRACE}`)
  const folds = findFolds(read)

  it('hides what is in closed folds, and shows it when flipped', () => {
    const closed = layOut(read, folds, NO_FILTER, new Set())
    expect(closed.map((row) => row.line)).toEqual([0, 3, 4, 5, 6, 7, 8, 9])
    const opened = layOut(read, folds, NO_FILTER, new Set([read[0]?.offset ?? -1]))
    expect(opened.map((row) => [row.line, row.depth]).slice(0, 3)).toEqual([
      [0, 0],
      [1, 1],
      [3, 0],
    ])
  })

  it('filters by level, source and text, with folds open', () => {
    const level = layOut(read, folds, { ...NO_FILTER, level: 'error' }, new Set())
    expect(level.map((row) => row.line)).toEqual([4, 5, 6, 7, 8])
    const source = layOut(read, folds, { ...NO_FILTER, sources: new Set(['a.py']) }, new Set())
    expect(source.map((row) => row.line)).toEqual([3])
    const only = layOut(read, folds, { ...NO_FILTER, only: /^in$/ }, new Set())
    expect(only.map((row) => row.line)).toEqual([1])
  })

  it('finds the row of a hidden line at its fold', () => {
    expect(rowOfLine(layOut(read, folds, NO_FILTER, new Set()), 1)).toBe(0)
    expect(sourcesOf(read)).toEqual([
      ['task.py', 2],
      ['a.py', 1],
    ])
  })
})

describe('search', () => {
  it('ignores case until there is a capital', () => {
    expect(compile({ text: 'abc', regex: false }).pattern?.test('xABCx')).toBe(true)
    expect(compile({ text: 'Abc', regex: false }).pattern?.test('abc')).toBe(false)
    expect(compile({ text: 'a.c', regex: false }).pattern?.test('abc')).toBe(false)
    expect(compile({ text: 'a.c', regex: true }).pattern?.test('abc')).toBe(true)
  })

  it('tells what is wrong with an expression', () => {
    expect(compile({ text: '(', regex: true }).error).toMatch(/group|parenthes/i)
  })

  it('finds text through colours and steps round the end', () => {
    const read = lines(`one\nt${ESC}[31mwo${ESC}[0m\nthree two\n`)
    const rows = layOut(read, [], NO_FILTER, new Set())
    const matches = matchingRows(read, rows, compile({ text: 'two', regex: false }).pattern)
    expect(matches).toEqual([1, 2])
    expect(step(matches, 1, true)).toBe(2)
    expect(step(matches, 2, true)).toBe(1)
    expect(step(matches, 1, false)).toBe(2)
    expect(step([], 0, true)).toBe(-1)
  })

  it('marks hits across spans without losing a character', () => {
    const pieces = highlight(parseAnsi(`at${ESC}[31mwo${ESC}[0m two`), /two/iu)
    expect(pieces.map((piece) => [piece.text, piece.hit])).toEqual([
      ['a', false],
      ['t', true],
      ['wo', true],
      [' ', false],
      ['two', true],
    ])
    expect(highlight(parseAnsi('aaa'), /x*/u).map((piece) => piece.text)).toEqual(['aaa'])
  })
})

describe('window', () => {
  const part = (offset: number, text: string, size = 1000) => ({
    size,
    offset,
    next: offset + byteLength(text),
    complete: false,
    text,
  })

  it('joins a torn line when its rest comes', () => {
    const torn = openWindow(part(0, 'one\ntw'))
    const whole = append(torn, part(6, 'o\nthree\n'))
    expect(whole.lines.map((line) => [line.raw, line.offset])).toEqual([
      ['one', 0],
      ['two', 4],
      ['three', 8],
    ])
    expect(whole.torn).toBe(false)
    expect(append(torn, part(6, 'o')).torn).toBe(true)
  })

  it('refuses a part that leaves a gap', () => {
    const window = openWindow(part(0, 'one\n'))
    expect(append(window, part(9, 'x\n'))).toBe(window)
    expect(prepend(openWindow(part(100, 'one\n')), part(9, 'x\n')).start).toBe(100)
  })

  it('counts lines backwards from a known number', () => {
    const window = openWindow({ ...part(8, 'three\n'), line: 3 })
    const whole = prepend(window, part(0, 'one\ntwo\n'))
    expect(whole.firstLine).toBe(1)
    expect(whole.lines).toHaveLength(3)
    expect(openWindow(part(8, 'three\n')).firstLine).toBeNull()
  })

  it('drops the rest of a line that an earlier part begins with', () => {
    const window = openWindow(part(20, 'c\n'))
    const whole = prepend(window, part(11, 'rest\nbbb\n'))
    expect(whole.lines.map((line) => line.raw)).toEqual(['bbb', 'c'])
    expect(whole.start).toBe(16)
    expect(prepend(window, { ...part(11, '\ufffdst\nbbb\n'), next: 20 }).start).toBe(15)
  })

  it('counts lines where a log has no bytes of its own', () => {
    const window = openWindow({ ...part(5, '{}\n{}\n'), next: 7 }, parseLine, LINES)
    expect(window.lines.map((line) => line.offset)).toEqual([5, 6])
  })

  it('counts bytes, not characters', () => {
    const window = openWindow(part(0, 'ä€😀\nb\n'))
    expect(window.lines[1]?.offset).toBe(10)
    expect(lineAt(window, 9)).toBe(0)
    expect(lineAt(window, 10)).toBe(1)
    expect(lineAt(window, 500)).toBe(-1)
  })

  it('gives up the far end above its limit, at a line', () => {
    const text = Array.from({ length: 100 }, (_, index) => `line ${String(index).padStart(4, '0')}\n`).join('')
    const window = openWindow(part(0, text))
    const late = trim(window, 'end', 105)
    expect(late.start).toBe(900)
    expect(late.firstLine).toBe(91)
    const early = trim(window, 'start', 105)
    expect(early.end).toBeLessThanOrEqual(120)
    expect(early.lines[early.lines.length - 1]?.offset).toBe(early.end - 10)
    expect(trim(window, 'end', 5_000)).toBe(window)
  })
})

describe('merged log', () => {
  it('tags each line and keeps records of one task together', () => {
    const entry = (task: string, text: string, map = -1) => JSON.stringify({ t: 1, task, map, try: 1, text })
    const text = `${entry('a', `${stamp} {x.py:1} ERROR - boom`)}\n${entry('b', 'hi', 2)}\n${entry('a', 'more')}\nnot json\n`
    const window = openWindow({ size: 0, offset: 0, next: byteLength(text), complete: true, text }, mergedReader())
    expect(window.lines.map((line) => [line.tag, line.level])).toEqual([
      ['a', 'error'],
      ['b[2]', 'info'],
      ['a', 'error'],
      ['?', 'info'],
    ])
    expect(tagColor('a')).toBe(tagColor('a'))
  })
})
