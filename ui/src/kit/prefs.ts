/** What the visitor chose to see: theme, density, colours, time zone, keys. Kept in this browser. */
import { getBoot } from '../api/boot'
import { applyColours, type PaletteName } from './states'
import { createStore, remember, remembered, useStore } from './store'

export type Prefs = {
  theme: 'auto' | 'light' | 'dark'
  density: 'compact' | 'normal' | 'roomy'
  palette: PaletteName
  /** 'local' is the browser's, 'server' the instance's; else a name as Europe/Paris. */
  zone: 'local' | 'server' | 'UTC' | (string & {})
  singleKeys: boolean
  railPinned: boolean
}

const DEFAULTS: Prefs = {
  theme: 'auto',
  density: 'normal',
  palette: 'classic',
  zone: 'server',
  singleKeys: true,
  railPinned: false,
}

export const prefs = createStore<Prefs>({ ...DEFAULTS, ...remembered<Partial<Prefs>>('prefs', {}) })

/** The preferences, live. */
export const usePrefs = (): Prefs => useStore(prefs)

/** Changes and keeps preferences. */
export function setPrefs(change: Partial<Prefs>): void {
  prefs.set((old) => ({ ...old, ...change }))
  remember('prefs', prefs.get())
  applyPrefs()
}

/** Writes the preferences onto the page's root, where the style sheets read them. */
export function applyPrefs(): void {
  const { theme, density, palette, railPinned } = prefs.get()
  const data = document.documentElement.dataset
  if (theme === 'auto') delete data.theme
  else data.theme = theme
  data.density = density
  data.rail = railPinned ? 'pinned' : 'slim'
  applyColours(palette, getBoot().flags.state_colors ?? {})
  for (const listener of looks) listener()
}

const looks = new Set<() => void>()

/** Calls back when colours or sizes changed, for what is painted and not styled (canvases). */
export function onLookChange(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)')
  looks.add(listener)
  media.addEventListener('change', listener)
  return () => {
    looks.delete(listener)
    media.removeEventListener('change', listener)
  }
}

/** The time zone that dates are shown in, as Intl names it. */
export function zoneOf(zone: Prefs['zone']): string {
  if (zone === 'local') return Intl.DateTimeFormat().resolvedOptions().timeZone
  return zone === 'server' ? getBoot().timezone || 'UTC' : zone
}
