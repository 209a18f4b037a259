/** Days of a year or a month in a grid of weeks, each with its runs by state and the runs planned. Dates are plain YYYY-MM-DD. */

export interface CalendarAnswer {
  readonly days: readonly (readonly [string, Readonly<Record<string, number>>])[]
  readonly planned: readonly (readonly [string, number])[]
}

export interface Day {
  readonly date: string
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
  readonly planned: number
}

export interface DayCell extends Day {
  /** Column and row in the grid. */
  readonly col: number
  readonly row: number
  /** 0 is January; the day of the month. */
  readonly month: number
  readonly day: number
}

const DAY = 86_400_000

/** A date so many days later (or earlier). */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

/** Days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY)
}

/** Monday 0 … Sunday 6. */
export function weekday(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** First and last day of a year ("2026") or a month ("2026-11"). */
export function period(of: string): { from: string; to: string } {
  if (of.length === 4) return { from: `${of}-01-01`, to: `${of}-12-31` }
  const [year, month] = of.split('-').map(Number) as [number, number]
  return {
    from: `${of}-01`,
    to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10),
  }
}

/** The period before or after. */
export function step(of: string, by: number): string {
  if (of.length === 4) return String(Number(of) + by)
  const [year, month] = of.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 7)
}

function facts(answer: CalendarAnswer): (date: string) => Day {
  const counts = new Map(answer.days)
  const planned = new Map(answer.planned)
  return (date) => {
    const states = counts.get(date) ?? {}
    const total = Object.values(states).reduce((sum, count) => sum + count, 0)
    return { date, counts: states, total, planned: planned.get(date) ?? 0 }
  }
}

/** A year: a column a week, Mondays on top. */
export function yearCells(of: string, answer: CalendarAnswer): DayCell[] {
  return cells(of, answer, (date, from) => {
    const place = daysBetween(from, date) + weekday(from)
    return { col: Math.floor(place / 7), row: place % 7 }
  })
}

/** A month: a row a week, Monday first. */
export function monthCells(of: string, answer: CalendarAnswer): DayCell[] {
  return cells(of, answer, (date, from) => {
    const place = daysBetween(from, date) + weekday(from)
    return { col: place % 7, row: Math.floor(place / 7) }
  })
}

function cells(
  of: string,
  answer: CalendarAnswer,
  place: (date: string, from: string) => { col: number; row: number },
): DayCell[] {
  const { from, to } = period(of)
  const day = facts(answer)
  const found: DayCell[] = []
  for (let date = from; date <= to; date = addDays(date, 1)) {
    found.push({
      ...day(date),
      ...place(date, from),
      month: Number(date.slice(5, 7)) - 1,
      day: Number(date.slice(8)),
    })
  }
  return found
}

/** The two dates in order. */
export function inOrder(one: string, other: string): { from: string; to: string } {
  return one <= other ? { from: one, to: other } : { from: other, to: one }
}

/** Words for a day. */
export function dayText(day: Day): string {
  const states = Object.entries(day.counts).map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`)
  if (day.planned > 0) states.push(`${day.planned} planned`)
  return `${day.date}: ${states.length > 0 ? states.join(', ') : 'no run'}`
}
