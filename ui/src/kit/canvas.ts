/** Canvases that are sharp on every screen and speak the page's colours. */
import { STATES, type State } from './states'

/** Fits the canvas to a size in CSS pixels and gives its context, scaled; sets its bitmap only when it must. */
export function fit(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1
  const w = Math.round(width * ratio)
  const h = Math.round(height * ratio)
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser gives no 2D canvas.')
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}

let probe: HTMLElement | null = null

/** A custom property as a colour that a canvas understands: light-dark() and var() resolved. */
export function cssColour(name: string): string {
  if (!probe) {
    probe = document.createElement('span')
    probe.hidden = true
    document.documentElement.append(probe)
  }
  probe.style.color = `var(${name})`
  return getComputedStyle(probe).color
}

export type PaintColours = {
  bg: string
  surface: string
  text: string
  muted: string
  line: string
  lineStrong: string
  accent: string
  hover: string
  selected: string
  fill: Record<State, string>
  ink: Record<State, string>
  glyph: Record<State, string>
}

/** All colours for painting; read again after `onLookChange` of kit/prefs. */
export function paintColours(): PaintColours {
  const of = (suffix: string) =>
    Object.fromEntries(STATES.map((state) => [state, cssColour(`--st-${state}${suffix}`)])) as Record<State, string>
  return {
    bg: cssColour('--bg'),
    surface: cssColour('--surface'),
    text: cssColour('--text'),
    muted: cssColour('--muted'),
    line: cssColour('--line'),
    lineStrong: cssColour('--line-strong'),
    accent: cssColour('--accent'),
    hover: cssColour('--hover'),
    selected: cssColour('--selected'),
    fill: of(''),
    ink: of('-ink'),
    glyph: of('-glyph'),
  }
}

/** The fonts of the style sheet, for `context.font`. */
export function canvasFont(size = 12, weight = 400): string {
  return `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`
}

/** Runs a painter at most once a frame. */
export function framed(paint: () => void): { request: () => void; cancel: () => void } {
  let handle = 0
  return {
    request() {
      if (handle) return
      handle = requestAnimationFrame(() => {
        handle = 0
        paint()
      })
    },
    cancel() {
      cancelAnimationFrame(handle)
      handle = 0
    },
  }
}
