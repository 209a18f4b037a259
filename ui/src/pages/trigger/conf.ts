/** The conf that a link carries. Nothing starts by a link: it only fills in the form. */
import type { Json } from '../../forms/fields'

const OWN: ReadonlySet<string> = new Set([
  'conf',
  'mode',
  'from',
  'to',
  'embed',
  'theme',
  'tz',
  'lang',
  'hide',
  'lock',
  'accent',
  'density',
  'full',
])

/** `?conf=` as JSON, else the other parameters, each JSON when it reads as such and text when not. */
export function confOf(params: URLSearchParams): Record<string, Json> | null {
  const whole = parse(params.get('conf') ?? '')
  if (typeof whole === 'object' && whole !== null && !Array.isArray(whole)) return whole
  const single = [...params].filter(([name]) => !OWN.has(name))
  if (single.length === 0) return null
  return Object.fromEntries(single.map(([name, text]) => [name, parse(text) ?? text]))
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // plain text
  }
}
