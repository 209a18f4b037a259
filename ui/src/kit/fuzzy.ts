/** Finding by some of the letters: "sletl" finds "sales_etl". Pure and quick: thousands of names per keystroke. */

const isBoundary = (text: string, at: number): boolean => {
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  const isWordSign = (before >= 97 && before <= 122) || (before >= 48 && before <= 57)
  return !isWordSign
}

/** How well a lower-case name matches a lower-case query: greater is better, 0 is not at all. */
export function score(query: string, name: string): number {
  if (!query) return 1
  const at = name.indexOf(query)
  // As written, somewhere: the earlier and the more of the name, the better.
  if (at >= 0) {
    const start = at === 0 ? 400 : isBoundary(name, at) ? 250 : 100
    return 1000 + start + (query.length === name.length ? 500 : 0) - Math.min(name.length, 99)
  }
  let from = 0
  let total = 0
  let run = 0
  for (let i = 0; i < query.length; i++) {
    const found = name.indexOf(query.charAt(i), from)
    if (found < 0) return 0
    run = found === from && i > 0 ? run + 1 : 0
    total += 10 + run * 8 + (isBoundary(name, found) ? 20 : 0) - Math.min(found - from, 10)
    from = found + 1
  }
  return Math.max(1, total - Math.min(name.length, 99) / 10)
}

/** The score of several words, each of which must match; in any order. */
export function scoreWords(words: readonly string[], name: string): number {
  let total = 0
  for (const word of words) {
    const one = score(word, name)
    if (one === 0) return 0
    total += one
  }
  return total / Math.max(1, words.length)
}

export type Found<T> = { item: T; score: number }

/** The best matches, best first. `textOf` gives lower-case text. */
export function search<T>(
  items: readonly T[],
  query: string,
  textOf: (item: T) => string,
  limit = 50,
  bonus: (item: T) => number = () => 0,
): Found<T>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const best: Found<T>[] = []
  for (const item of items) {
    const value = scoreWords(words, textOf(item))
    if (value === 0) continue
    const total = value + bonus(item)
    const last = best[limit - 1]
    if (!last || total > last.score) insert(best, { item, score: total }, limit)
  }
  return best
}

/** Into its place, after its equals; of thousands of matches only the best are ever sorted. */
function insert<T>(best: Found<T>[], one: Found<T>, limit: number): void {
  let low = 0
  let high = best.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((best[middle]?.score ?? 0) >= one.score) low = middle + 1
    else high = middle
  }
  best.splice(low, 0, one)
  if (best.length > limit) best.pop()
}
