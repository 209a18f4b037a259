/** Moments and durations as text. Pure: now and the zone are given. */

/** Epoch seconds, an ISO string or a Date in milliseconds; null for nothing. */
export function msOf(at: number | string | Date | null | undefined): number | null {
  if (at === null || at === undefined || at === '') return null
  const ms = at instanceof Date ? at.getTime() : typeof at === 'number' ? at * 1000 : Date.parse(at)
  return Number.isNaN(ms) ? null : ms
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${kind}`
  let found = formats.get(key)
  if (!found) {
    try {
      found = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...options })
    } catch {
      // A zone this browser does not know: UTC is right, if not wanted.
      found = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', ...options })
    }
    formats.set(key, found)
  }
  return found
}

const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const

/** "2026-11-21 14:02:11", in the zone. */
export const absolute = (ms: number, zone: string): string => formatOf(zone, 'full', { ...DAY, ...CLOCK }).format(ms)
/** "2026-11-21" */
export const dateOnly = (ms: number, zone: string): string => formatOf(zone, 'day', DAY).format(ms)
/** "14:02:11" */
export const clock = (ms: number, zone: string): string => formatOf(zone, 'clock', CLOCK).format(ms)
/** "14:02" */
export const hourMinute = (ms: number, zone: string): string =>
  formatOf(zone, 'hm', { hour: '2-digit', minute: '2-digit' }).format(ms)

/** Short and sortable by eye: the time today, day and time this year, the date before. */
export function short(ms: number, zone: string, now: number): string {
  const full = absolute(ms, zone)
  const today = absolute(now, zone)
  // A run's date is a whole minute: its seconds would say nothing.
  if (full.slice(0, 10) === today.slice(0, 10)) return full.endsWith(':00') ? full.slice(11, 16) : full.slice(11)
  if (full.slice(0, 4) === today.slice(0, 4)) return full.slice(5, 16)
  return full.slice(0, 16)
}

/** The zone's offset at a moment: "+01:00", or "UTC". */
export function offsetOf(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(ms)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const offset = name.replace('GMT', '')
  return /^([+-]00:00)?$/.test(offset) ? 'UTC' : offset
}

/** "3m ago", "in 2h", "now". */
export function relative(ms: number, now: number): string {
  const seconds = Math.round(Math.abs(ms - now) / 1000)
  if (seconds < 5) return 'now'
  const text = coarse(seconds)
  return ms > now ? `in ${text}` : `${text} ago`
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86400) {
    const h = Math.floor(seconds / 3600)
    const m = Math.floor((seconds % 3600) / 60)
    return h < 6 && m > 0 ? `${h}h ${m}m` : `${h}h`
  }
  const days = Math.floor(seconds / 86400)
  if (days < 60) return `${days}d`
  return days < 730 ? `${Math.floor(days / 30.44)}mo` : `${Math.floor(days / 365.25)}y`
}

/** "0.4s", "12s", "4m 05s", "3h 12m", "2d 04h": never wider than seven characters. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return ''
  if (seconds < 0.05) return '0s'
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  const two = (n: number) => String(n).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`
  if (whole < 86400) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`
  return `${Math.floor(whole / 86400)}d ${two(Math.floor((whole % 86400) / 3600))}h`
}
