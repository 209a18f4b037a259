/** A time axis: from seconds to pixels and back, zoom and pan, and ticks at round local times. Pure. */

export interface TimeScale {
  /** Seconds since the epoch at the left and the right edge. */
  readonly from: number
  readonly to: number
  readonly left: number
  readonly width: number
}

/** Pixel of a moment. */
export function xOf(scale: TimeScale, at: number): number {
  return scale.left + ((at - scale.from) / (scale.to - scale.from)) * scale.width
}

/** Moment of a pixel. */
export function timeAt(scale: TimeScale, x: number): number {
  return scale.from + ((x - scale.left) / scale.width) * (scale.to - scale.from)
}

/** The window made smaller (factor < 1) or larger around a moment, within the limits given. */
export function zoom(
  window: { readonly from: number; readonly to: number },
  around: number,
  factor: number,
  limits: {
    readonly from: number
    readonly to: number
    readonly least: number
  },
): { from: number; to: number } {
  const span = Math.max(limits.least, Math.min(limits.to - limits.from, (window.to - window.from) * factor))
  const share = (around - window.from) / (window.to - window.from)
  return pan({ from: around - share * span, to: around + (1 - share) * span }, 0, limits)
}

/** The window moved by so many seconds, not beyond the limits. */
export function pan(
  window: { readonly from: number; readonly to: number },
  by: number,
  limits: { readonly from: number; readonly to: number },
): { from: number; to: number } {
  const span = window.to - window.from
  const from = Math.max(limits.from, Math.min(limits.to - span, window.from + by))
  return { from, to: from + span }
}

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000, 7_776_000, 31_536_000,
]

/** Distance between ticks that leaves each label `room` pixels. */
export function tickStep(scale: TimeScale, room: number): number {
  const wanted = ((scale.to - scale.from) / scale.width) * room
  return STEPS.find((step) => step >= wanted) ?? (STEPS[STEPS.length - 1] as number)
}

/** Round moments within the scale; `offset` is the zone's distance from UTC in seconds, so that days begin at midnight there. */
export function ticks(scale: TimeScale, room: number, offset: number): { at: number[]; step: number } {
  const step = tickStep(scale, room)
  const at: number[] = []
  for (let tick = Math.ceil((scale.from + offset) / step) * step - offset; tick <= scale.to; tick += step) at.push(tick)
  return { at, step }
}

const FORMATS = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let found = FORMATS.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      ...options,
    })
    FORMATS.set(key, found)
  }
  return found
}

/** Distance of a zone from UTC at a moment, in seconds. */
export function zoneOffset(at: number, zone: string): number {
  const parts = format(zone, {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at * 1000)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return Math.round(local / 1000 - Math.floor(at))
}

/** The text of a tick: as fine as the step asks; a day's first tick names the day. */
export function tickLabel(at: number, step: number, zone: string): string {
  if (step >= 2_592_000) return format(zone, { month: 'short', year: 'numeric' }).format(at * 1000)
  const isMidnight = (at + zoneOffset(at, zone)) % 86_400 === 0
  if (step >= 86_400 || isMidnight) return format(zone, { day: 'numeric', month: 'short' }).format(at * 1000)
  if (step >= 60) return format(zone, { hour: '2-digit', minute: '2-digit' }).format(at * 1000)
  return format(zone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at * 1000)
}

/** A duration on an axis: without the zeros of its smaller unit. */
export function axisDuration(text: string): string {
  return text.replace(/ 00[ms]$/, '').replace(/^(\d+)\.0s$/, '$1s')
}

/** Round values from 0 to at least `max` for an axis of durations, in steps people count in. */
export function durationTicks(max: number, count: number): number[] {
  const wanted = max / count
  const steps = [0.1, 0.2, 0.5, ...STEPS]
  const step = steps.find((one) => one >= wanted) ?? Math.ceil(wanted / 31_536_000) * 31_536_000
  const found: number[] = []
  for (let at = 0; at <= max + step * 0.001; at += step) found.push(Math.round(at * 10) / 10)
  return found
}
