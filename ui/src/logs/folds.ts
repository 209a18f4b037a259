/** Which lines of a log fold into one: `::group::` … `::endgroup::` and Python tracebacks. */
import { groupTitle, isError, type LogLine } from './lines'

export interface Fold {
  kind: 'group' | 'traceback'
  /** Index of the line that stays visible. */
  start: number
  /** Index of the last line that hides. */
  end: number
  title: string
  /** Open unless the reader closed it, and the other way round. */
  openAtFirst: boolean
  /** Byte offset of the start line: what remembers the reader's choice while lines come and go. */
  key: number
}

/** Outer folds before the inner ones that they hold. A group without an end reaches to the last line. */
export function findFolds(lines: readonly LogLine[]): Fold[] {
  const folds: Fold[] = []
  const open: Fold[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as LogLine
    if (line.kind === 'group') {
      const fold = newGroup(line, at)
      folds.push(fold)
      open.push(fold)
    } else if (line.kind === 'endgroup') {
      const fold = open.pop()
      if (fold !== undefined) fold.end = at
    } else if (line.kind === 'traceback') {
      const fold = readTraceback(lines, at)
      if (fold.end > fold.start) folds.push(fold)
      at = fold.end
    }
    at += 1
  }
  for (const fold of open) fold.end = lines.length - 1
  openThoseWithErrors(folds, lines)
  return folds.filter((fold) => fold.end > fold.start)
}

function newGroup(line: LogLine, at: number): Fold {
  return { kind: 'group', start: at, end: at, title: groupTitle(line), openAtFirst: false, key: line.offset }
}

/** Frames are indented; the first line that is not ends it (the exception), unless a chained traceback follows. */
function readTraceback(lines: readonly LogLine[], start: number): Fold {
  const tag = lines[start]?.tag
  let end = start
  let title = ''
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] as LogLine
    if (line.head || line.kind !== 'plain' || line.tag !== tag) break
    end = at
    if (!isFrame(line.raw)) {
      title = line.raw.trim()
      break
    }
  }
  return { kind: 'traceback', start, end, title, openAtFirst: true, key: lines[start]?.offset ?? 0 }
}

function isFrame(raw: string): boolean {
  const first = raw.charCodeAt(0)
  return raw === '' || first === 32 || first === 9 || first === 124 || first === 43
}

/** A closed group must not hide what the reader came for. */
function openThoseWithErrors(folds: Fold[], lines: readonly LogLine[]): void {
  const errors: number[] = []
  lines.forEach((line, index) => {
    if (isError(line)) errors.push(index)
  })
  for (const fold of folds) {
    if (fold.kind === 'group' && errors.some((at) => at > fold.start && at <= fold.end)) fold.openAtFirst = true
  }
}
