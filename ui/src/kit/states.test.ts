import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  BACKGROUND,
  coloursOf,
  contrast,
  HARDEST,
  inkFor,
  LETTERS,
  PALETTES,
  STATES,
  severity,
  stateOf,
} from './states'

const palettes = Object.keys(PALETTES) as (keyof typeof PALETTES)[]
const tokens = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8')

describe('colours of states', () => {
  for (const palette of palettes) {
    it(`can be read in the palette ${palette}, in both themes`, () => {
      for (const [state, colours] of Object.entries(coloursOf(palette))) {
        expect(contrast(colours.light, BACKGROUND.light), `${state} light`).toBeGreaterThanOrEqual(4.5)
        expect(contrast(colours.dark, BACKGROUND.dark), `${state} dark`).toBeGreaterThanOrEqual(4.5)
        expect(contrast(inkFor(colours.light, HARDEST.light), HARDEST.light), state).toBeGreaterThanOrEqual(4.5)
        expect(contrast(inkFor(colours.dark, HARDEST.dark), HARDEST.dark), state).toBeGreaterThanOrEqual(4.5)
        expect(contrast(colours.glyph, colours.fill), `${state} glyph`).toBeGreaterThanOrEqual(3)
      }
    })
  }
  it('takes the fills of STATE_COLORS and computes their ink', () => {
    const { queued } = coloursOf('classic', { queued: '#eeee00', running: 'no colour' })
    expect(queued.fill).toBe('#eeee00')
    expect(contrast(queued.light, '#ffffff')).toBeGreaterThanOrEqual(4.5)
    expect(coloursOf('classic', { running: 'no colour' }).running.fill).toBe('#00ff00')
  })
  it('agrees with the style sheet', () => {
    for (const [state, colours] of Object.entries(coloursOf('classic'))) {
      expect(tokens).toContain(`--st-${state}: ${colours.fill};`)
      expect(tokens).toContain(`--st-${state}-ink: light-dark(${colours.light}, ${colours.dark});`)
    }
    expect(tokens).toContain(`--bg: light-dark(${BACKGROUND.light}, ${BACKGROUND.dark});`)
    expect(tokens).toContain(`--selected: light-dark(${HARDEST.light}, ${HARDEST.dark});`)
  })
})

describe('text and accents of the style sheet', () => {
  const token = (name: string) => new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens)
  const backgrounds = ['bg', 'surface', 'raised', 'hover', 'selected']
  for (const name of ['text', 'muted', 'accent', 'danger', 'warn'])
    it(`${name} can be read on every background`, () => {
      for (const under of backgrounds)
        for (const theme of [1, 2])
          expect(
            contrast(token(name)?.[theme] ?? '', token(under)?.[theme] ?? ''),
            `${name} on ${under}`,
          ).toBeGreaterThanOrEqual(4.5)
    })
  it('borders of controls can be seen', () => {
    for (const theme of [1, 2])
      expect(contrast(token('line-strong')?.[theme] ?? '', token('bg')?.[theme] ?? '')).toBeGreaterThanOrEqual(3)
  })
})

describe('states', () => {
  it('have one letter each, and unknown words are no status', () => {
    expect(new Set(Object.values(LETTERS)).size).toBe(Object.keys(LETTERS).length)
    expect(stateOf(null)).toBe('none')
    expect(stateOf('sensing')).toBe('none')
    expect(STATES).toContain(stateOf('success'))
  })
  it('order from worst to best', () => {
    expect(severity('failed')).toBeLessThan(severity('running'))
    expect(severity('running')).toBeLessThan(severity('success'))
  })
})
