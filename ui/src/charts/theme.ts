/** The page's colours as a canvas needs them: resolved, and read again when theme, palette or density change. */
import { useSyncExternalStore } from 'react'
import { cssColour } from '../kit/canvas'
import { onLookChange } from '../kit/prefs'
import { GLYPH_PATHS, stateOf } from '../kit/states'

export interface StateLook {
  readonly fill: string
  readonly ink: string
  /** Colour of the glyph upon the fill. */
  readonly on: string
  /** Strokes in a box of 12 by 12. */
  readonly path: Path2D
}

export interface Theme {
  readonly background: string
  readonly surface: string
  readonly hover: string
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly strong: string
  readonly accent: string
  readonly selected: string
  readonly font: string
  /** Height of a table's row: the density. */
  readonly row: number
  look(state: string | null): StateLook
}

function read(): Theme {
  const all = new Map<string, StateLook>()
  for (const [state, path] of Object.entries(GLYPH_PATHS)) {
    all.set(state, {
      fill: cssColour(`--st-${state}`),
      ink: cssColour(`--st-${state}-ink`),
      on: cssColour(`--st-${state}-glyph`),
      path: new Path2D(path),
    })
  }
  return {
    background: cssColour('--bg'),
    surface: cssColour('--surface'),
    hover: cssColour('--hover'),
    text: cssColour('--text'),
    muted: cssColour('--muted'),
    line: cssColour('--line'),
    strong: cssColour('--line-strong'),
    accent: cssColour('--accent'),
    selected: cssColour('--selected'),
    font: getComputedStyle(document.body).fontFamily,
    row: Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 32,
    look: (state) => all.get(stateOf(state)) as StateLook,
  }
}

let current: Theme | null = null

function subscribe(listener: () => void): () => void {
  const changed = () => {
    current = null
    listener()
  }
  const narrow = matchMedia('(max-width: 719px)')
  narrow.addEventListener('change', changed)
  const stop = onLookChange(changed)
  return () => {
    stop()
    narrow.removeEventListener('change', changed)
  }
}

/** The theme of now; the same object until it changes. */
export function getTheme(): Theme {
  current ??= read()
  return current
}

/** The theme; draws the component again when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, getTheme)
}

/** Draw a state's glyph into a square. */
export function drawGlyph(
  ctx: CanvasRenderingContext2D,
  look: StateLook,
  x: number,
  y: number,
  size: number,
  color: string,
): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(size / 12, size / 12)
  ctx.strokeStyle = color
  ctx.lineWidth = 1.7
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke(look.path)
  ctx.restore()
}
