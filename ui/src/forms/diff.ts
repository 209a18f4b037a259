/** Differences: of two JSON values by path, of two texts by line. */
import type { Json } from './fields'
import { same } from './validate'

export type Change = 'same' | 'added' | 'removed' | 'changed'

export interface PathDiff {
  path: string
  change: Change
  before: Json | undefined
  after: Json | undefined
}

/** Objects are gone into, arrays of one length too; everything else is compared whole. In the order of `before`. */
export function diffJson(before: Json | undefined, after: Json | undefined, path = ''): PathDiff[] {
  if (before === undefined) return [{ path, change: 'added', before, after }]
  if (after === undefined) return [{ path, change: 'removed', before, after }]
  if (isObject(before) && isObject(after)) {
    const names = [...Object.keys(before), ...Object.keys(after).filter((name) => !(name in before))]
    return names.flatMap((name) => diffJson(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && before.length > 0) {
    return before.flatMap((item, index) => diffJson(item, after[index], `${path}[${index}]`))
  }
  return [{ path, change: same(before, after) ? 'same' : 'changed', before, after }]
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export interface LineDiff {
  change: 'same' | 'added' | 'removed'
  text: string
  /** Line numbers from 1, null on the side that has none. */
  before: number | null
  after: number | null
}

const MOST_LINES = 20_000
const MOST_EDITS = 1_000

/** Myers' shortest edit; texts that differ too much to be worth it are shown as one replaced by the other. */
export function diffLines(before: string, after: string): LineDiff[] {
  const a = before.split('\n').slice(0, MOST_LINES)
  const b = after.split('\n').slice(0, MOST_LINES)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const out: LineDiff[] = []
  let [i, j] = [0, 0]
  const push = (change: LineDiff['change']) => {
    const text = change === 'added' ? b[j] : a[i]
    out.push({
      change,
      text: text ?? '',
      before: change === 'added' ? null : i + 1,
      after: change === 'removed' ? null : j + 1,
    })
    if (change !== 'added') i += 1
    if (change !== 'removed') j += 1
  }
  for (let at = 0; at < head; at += 1) push('same')
  for (const change of middle) push(change)
  for (let at = 0; at < tail; at += 1) push('same')
  return out
}

function edits(a: readonly string[], b: readonly string[]): LineDiff['change'][] {
  const replaced = (): LineDiff['change'][] => [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)]
  if (a.length === 0 || b.length === 0) return replaced()
  const trace = search(a, b)
  return trace === null ? replaced() : walkBack(a, b, trace)
}

/** The furthest points per number of edits; null when there are too many. */
function search(a: readonly string[], b: readonly string[]): Map<number, number>[] | null {
  const most = Math.min(a.length + b.length, MOST_EDITS)
  const reached = new Map<number, number>([[1, 0]])
  const trace: Map<number, number>[] = []
  for (let d = 0; d <= most; d += 1) {
    trace.push(new Map(reached))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1))
      let x = down ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1
      let y = x - k
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1
        y += 1
      }
      reached.set(k, x)
      if (x >= a.length && y >= b.length) return trace
    }
  }
  return null
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Map<number, number>[],
): LineDiff['change'][] {
  const out: LineDiff['change'][] = []
  let [x, y] = [a.length, b.length]
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const reached = trace[d] as Map<number, number>
    const k = x - y
    const down = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1))
    const fromK = down ? k + 1 : k - 1
    const fromX = d === 0 ? 0 : (reached.get(fromK) ?? 0)
    const fromY = d === 0 ? 0 : fromX - fromK
    while (x > fromX && y > fromY && x > 0 && y > 0 && a[x - 1] === b[y - 1]) {
      out.push('same')
      x -= 1
      y -= 1
    }
    if (d > 0) {
      out.push(down ? 'added' : 'removed')
      ;[x, y] = [fromX, fromY]
    }
  }
  return out.reverse()
}

/** Runs of equal lines longer than twice `context` shrink; a gap says how many lines it stands for. */
export function withContext(lines: readonly LineDiff[], context = 3): (LineDiff | { gap: number })[] {
  const near = new Set<number>()
  lines.forEach((line, index) => {
    if (line.change === 'same') return
    for (let at = index - context; at <= index + context; at += 1) near.add(at)
  })
  const out: (LineDiff | { gap: number })[] = []
  let gap = 0
  lines.forEach((line, index) => {
    if (near.has(index)) {
      if (gap > 0) out.push({ gap })
      gap = 0
      out.push(line)
    } else gap += 1
  })
  if (gap > 0) out.push({ gap })
  return out
}
