/** Middle and high values of a list of durations. */

/** The value below which the given share of the values lies, between neighbours by proportion; null of nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] as number
  const high = sorted[Math.ceil(at)] as number
  return low + (high - low) * (at - Math.floor(at))
}

/** The middle value. */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5)
}
