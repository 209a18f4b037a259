/** The states of task instances and runs: colours, glyphs, letters. The one place that knows them. */
import { t } from './i18n'

export const STATES = [
  'failed',
  'upstream_failed',
  'up_for_retry',
  'up_for_reschedule',
  'running',
  'restarting',
  'queued',
  'scheduled',
  'deferred',
  'awaiting_input',
  'none',
  'skipped',
  'removed',
  'success',
  'planned',
] as const

/** Worst first: the order of legends, and what a closed group shows. */
export type State = (typeof STATES)[number]

/** Of the compact strings of /ui/v1; '.' is a cell without a task instance. */
export const LETTERS: Readonly<Record<string, State>> = {
  s: 'success',
  f: 'failed',
  r: 'running',
  q: 'queued',
  h: 'scheduled',
  y: 'up_for_retry',
  e: 'up_for_reschedule',
  u: 'upstream_failed',
  k: 'skipped',
  d: 'deferred',
  t: 'restarting',
  x: 'removed',
  n: 'none',
}

export const LETTER_OF: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LETTERS).map(([letter, state]) => [state, letter]),
)

export const GLYPHS: Readonly<Record<State, string>> = {
  success: '✓',
  failed: '✕',
  running: '▶',
  queued: '≡',
  scheduled: '◷',
  up_for_retry: '↻',
  up_for_reschedule: '⏲',
  upstream_failed: '↑',
  skipped: '»',
  deferred: '⏸',
  restarting: '⟲',
  removed: '–',
  awaiting_input: '?',
  none: '·',
  planned: '◌',
}

/** Strokes in a box of 12 by 12, for the same picture on every machine (glyph fonts differ): SVG and Path2D draw it. */
export const GLYPH_PATHS: Readonly<Record<State, string>> = {
  success: 'M2.5 6.5 5 9l4.5-5.5',
  failed: 'M3 3l6 6M9 3 3 9',
  running: 'M4.25 3v6l4.5-3z',
  queued: 'M3 3.5h6M3 6h6M3 8.5h6',
  scheduled: 'M6 9.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM6 4.25V6h1.5',
  up_for_retry: 'M9 6a3 3 0 1 1-1-2.25M8.75 2v2H6.75',
  up_for_reschedule: 'M3.5 2.5h5L3.5 9.5h5z',
  upstream_failed: 'M6 9.5V3M3.25 5.5 6 2.75 8.75 5.5',
  skipped: 'M2.75 3.5 5.25 6l-2.5 2.5M6.5 3.5 9 6 6.5 8.5',
  deferred: 'M4.5 3v6M7.5 3v6',
  restarting: 'M3 6a3 3 0 1 0 1-2.25M3.25 2v2h2',
  removed: 'M3 6h6',
  awaiting_input: 'M4.25 4.5c0-2.3 3.5-2.3 3.5 0C7.75 5.75 6 5.75 6 7M6 9v.1',
  none: 'M6 6v.1',
  planned: 'M6 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
}

const WORDS: Readonly<Record<State, string>> = {
  success: 'Success',
  failed: 'Failed',
  running: 'Running',
  queued: 'Queued',
  scheduled: 'Scheduled',
  up_for_retry: 'Up for retry',
  up_for_reschedule: 'Up for reschedule',
  upstream_failed: 'Upstream failed',
  skipped: 'Skipped',
  deferred: 'Deferred',
  restarting: 'Restarting',
  removed: 'Removed',
  awaiting_input: 'Awaiting input',
  none: 'No status',
  planned: 'Planned',
}

/** The state of what the server names: null, "" and unknown words are no status. */
export function stateOf(name: string | null | undefined): State {
  return (STATES as readonly string[]).includes(name ?? '') ? (name as State) : 'none'
}

/** The state in words. */
export function stateLabel(name: string | null | undefined): string {
  const state = stateOf(name)
  return t(`states.${state}`, WORDS[state])
}

/** How bad: 0 is the worst. */
export function severity(name: string | null | undefined): number {
  return STATES.indexOf(stateOf(name))
}

const FINISHED: ReadonlySet<string> = new Set(['success', 'failed', 'upstream_failed', 'skipped', 'removed'])

/** Whether nothing more will happen by itself. */
export function isFinished(name: string | null | undefined): boolean {
  return FINISHED.has(name ?? '')
}

export type PaletteName = 'classic' | 'airflow3' | 'safe'

export const PALETTES: Readonly<Record<PaletteName, Readonly<Record<State, string>>>> = {
  classic: {
    success: '#008000',
    failed: '#ff0000',
    running: '#00ff00',
    queued: '#808080',
    scheduled: '#d2b48c',
    up_for_retry: '#ffd700',
    up_for_reschedule: '#40e0d0',
    upstream_failed: '#ffa500',
    skipped: '#ff69b4',
    deferred: '#9370db',
    restarting: '#ee82ee',
    removed: '#d3d3d3',
    awaiting_input: '#ff8c00',
    none: '#add8e6',
    planned: '#f1e7da',
  },
  airflow3: {
    success: '#007600',
    failed: '#e7000b',
    running: '#0092b8',
    queued: '#57534d',
    scheduled: '#52525c',
    up_for_retry: '#d08700',
    up_for_reschedule: '#0084d1',
    upstream_failed: '#e17100',
    skipped: '#e60076',
    deferred: '#9810fa',
    restarting: '#7f22fe',
    removed: '#45556c',
    awaiting_input: '#d93f0a',
    none: '#3e5873',
    planned: '#a6a09b',
  },
  safe: {
    success: '#0072b2',
    failed: '#d55e00',
    running: '#56b4e9',
    queued: '#7a7a7a',
    scheduled: '#b8b8b8',
    up_for_retry: '#f0e442',
    up_for_reschedule: '#c9c9c9',
    upstream_failed: '#e69f00',
    skipped: '#cc79a7',
    deferred: '#8f8f8f',
    restarting: '#a5a5a5',
    removed: '#dcdcdc',
    awaiting_input: '#ffffff',
    none: '#eeeeee',
    planned: '#f4f4f4',
  },
}

/** The inks of the classic palette; every other fill's ink is computed. */
const CLASSIC_INKS: Readonly<Record<State, readonly [light: string, dark: string]>> = {
  success: ['#067a06', '#089708'],
  failed: ['#e90c0c', '#f43434'],
  running: ['#078807', '#0df20d'],
  queued: ['#757575', '#818181'],
  scheduled: ['#906d3f', '#ceb490'],
  up_for_retry: ['#887307', '#f2ce0d'],
  up_for_reschedule: ['#1c8278', '#48d8ca'],
  upstream_failed: ['#a06a08', '#f2a10d'],
  skipped: ['#e20c77', '#f870b4'],
  deferred: ['#8460cf', '#9575d6'],
  restarting: ['#c625c6', '#e987e9'],
  removed: ['#757575', '#d3d3d3'],
  awaiting_input: ['#ac6309', '#f28b0d'],
  none: ['#347d95', '#b0d7e3'],
  planned: ['#936e3e', '#f0e7db'],
}

export const BACKGROUND = { light: '#ffffff', dark: '#14171c' } as const
/** --selected of tokens.css: the background that text in a state's colour has the hardest time on. */
export const HARDEST = { light: '#e3edfc', dark: '#1a2940' } as const

type Rgb = readonly [number, number, number]

/** "#rrggbb" or "#rgb" as three bytes; null for anything else. */
export function rgbOf(colour: string): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim())?.[1]
  if (!hex) return null
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16)) as unknown as Rgb
}

function luminance([r, g, b]: Rgb): number {
  const linear = [r, g, b].map((byte) => {
    const c = byte / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/** WCAG's contrast ratio of two colours. */
export function contrast(a: string, b: string): number {
  const one = luminance(rgbOf(a) ?? [0, 0, 0])
  const two = luminance(rgbOf(b) ?? [255, 255, 255])
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
}

/** The fill, moved towards black or white until it can be read on the background. */
export function inkFor(fill: string, background: string, least = 4.5): string {
  const from = rgbOf(fill) ?? [128, 128, 128]
  const towards = contrast('#000000', background) > contrast('#ffffff', background) ? 0 : 255
  for (let step = 0; step <= 100; step++) {
    const mixed = from.map((c) => Math.round(c + ((towards - c) * step) / 100))
    const hex = `#${mixed.map((c) => c.toString(16).padStart(2, '0')).join('')}`
    if (contrast(hex, background) >= least) return hex
  }
  return towards ? '#ffffff' : '#000000'
}

/** Black or white, for the glyph on a fill. White wherever it can be seen well enough: it looks calmer. */
export function glyphInk(fill: string): string {
  return contrast('#ffffff', fill) >= 3 ? '#ffffff' : '#14171c'
}

export type StateColours = { fill: string; light: string; dark: string; glyph: string }

/** All colours of a palette, with the fills of `STATE_COLORS` over it (names of CSS colours are resolved before). */
export function coloursOf(palette: PaletteName, own: Record<string, string> = {}): Record<State, StateColours> {
  const result = {} as Record<State, StateColours>
  for (const state of STATES) {
    const mine = own[state]
    const fill = mine && rgbOf(mine) ? mine : PALETTES[palette][state]
    const [light, dark] =
      palette === 'classic' && fill === PALETTES.classic[state]
        ? CLASSIC_INKS[state]
        : [inkFor(fill, BACKGROUND.light), inkFor(fill, BACKGROUND.dark)]
    result[state] = { fill, light, dark, glyph: glyphInk(fill) }
  }
  return result
}

/** The glyph as a picture that the style sheet cuts out of the glyph's colour: one element for a cell, not three. */
function maskOf(state: State): string {
  const fill = state === 'running' ? '#000' : 'none'
  const pen = `fill='${fill}' stroke='#000' stroke-width='1.6' stroke-linecap='round' stroke-linejoin='round'`
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12' ${pen}><path d='${GLYPH_PATHS[state]}'/></svg>`
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`
}

/** Writes a palette into the page's custom properties: --st-STATE, and with -ink, -text, -glyph, -mask behind it. */
export function applyColours(palette: PaletteName, own: Record<string, string> = {}): void {
  const style = document.documentElement.style
  for (const [state, colours] of Object.entries(coloursOf(palette, own))) {
    style.setProperty(`--st-${state}`, colours.fill)
    style.setProperty(`--st-${state}-ink`, `light-dark(${colours.light}, ${colours.dark})`)
    const text = [inkFor(colours.light, HARDEST.light), inkFor(colours.dark, HARDEST.dark)]
    style.setProperty(`--st-${state}-text`, `light-dark(${text[0]}, ${text[1]})`)
    style.setProperty(`--st-${state}-glyph`, colours.glyph)
    style.setProperty(`--st-${state}-mask`, maskOf(state as State))
  }
}
