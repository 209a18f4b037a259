/** The place for other languages: every visible string of the shell and the kit goes through `t`. */
type Values = Record<string, string | number>

let strings: Record<string, string> = {}

/** Takes a language's strings; without, the English of the code is shown. */
export function setStrings(all: Record<string, string>): void {
  strings = all
}

/** The string of a key, `{name}` filled in. */
export function t(key: string, english: string, values?: Values): string {
  const text = strings[key] ?? english
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text
}

const rules = new Intl.PluralRules('en')

/** `plural(n, 'run', 'runs')` gives "1 run" or "5 runs", the number grouped. */
export function plural(n: number, one: string, many: string): string {
  return `${number(n)} ${rules.select(n) === 'one' ? one : many}`
}

const numbers = new Intl.NumberFormat('en')

/** A whole number, grouped. */
export function number(n: number): string {
  return numbers.format(n)
}
