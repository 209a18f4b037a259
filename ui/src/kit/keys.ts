/** Key bindings: registered by what is on the page, listed by the "?" sheet, the last one registered wins. */
import { createContext, useContext, useEffect, useRef } from 'react'
import { prefs } from './prefs'
import { createStore } from './store'

export type Binding = {
  /** "j", "shift+c", "ctrl+k" (also the Mac's command key), "g d" (one after the other), "Enter", "?". */
  keys: string
  /** What it does, for the sheet; without, it is not listed. */
  label?: string
  /** Heading in the sheet. */
  group?: string
  run: (event: KeyboardEvent) => void
  /** Only while this is so; else the press goes to whoever else takes it. */
  when?: () => boolean
  /** Also while a text field has the focus. */
  inFields?: boolean
}

type Entry = { id: number; layer: number; get: () => readonly Binding[] }

/** Depth: of modal dialogs only the topmost one's bindings answer. What lies over the page without hiding it (a drawer,
 * half a layer up) answers before the page, whichever was there first. */
export const LayerContext = createContext(0)

const entries = createStore<readonly Entry[]>([])
const layers = createStore<readonly number[]>([])
let nextId = 1

/** Registers bindings while the component is there. */
export function useKeys(bindings: readonly Binding[], enabled = true): void {
  const layer = useContext(LayerContext)
  const latest = useRef(bindings)
  latest.current = bindings
  useEffect(() => {
    if (!enabled) return
    const entry: Entry = { id: nextId++, layer, get: () => latest.current }
    entries.set((all) => [...all, entry])
    return () => entries.set((all) => all.filter((one) => one.id !== entry.id))
  }, [layer, enabled])
}

/** While the component is there, keys of what lies below do nothing. */
export function useModalLayer(layer: number): void {
  useEffect(() => {
    layers.set((all) => [...all, layer])
    return () =>
      layers.set((all) => {
        const at = all.lastIndexOf(layer)
        return all.filter((_, i) => i !== at)
      })
  }, [layer])
}

/** All that can be pressed now, for the sheet, without repeats. */
export function listBindings(): Binding[] {
  const seen = new Set<string>()
  return live().filter((binding) => {
    if (!binding.label || seen.has(binding.keys)) return false
    seen.add(binding.keys)
    return true
  })
}

function live(): Binding[] {
  const top = Math.max(0, ...layers.get())
  return [...entries.get()]
    .reverse()
    .filter((entry) => entry.layer >= top)
    .sort((a, b) => b.layer - a.layer)
    .flatMap((entry) => entry.get())
}

/** The press as the bindings write it. Shift counts with letters and named keys, not with signs such as "?". */
export function pressOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const isLetter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase()
  const key = isLetter ? event.key.toLowerCase() : event.key === ' ' ? 'Space' : event.key
  const shift = event.shiftKey && (isLetter || event.key.length > 1) ? 'shift+' : ''
  return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${shift}${key}`
}

/** Whether a press is a bare sign, the kind that can be switched off (WCAG 2.1.4). */
export function isSingle(keys: string): boolean {
  return keys.split(' ').every((part) => part.length === 1 || /^shift\+.$/.test(part))
}

function isField(target: EventTarget | null): boolean {
  const element = target instanceof Element ? target : null
  if (!element) return false
  if (element.closest('[contenteditable="true"], textarea, select, [role="textbox"]')) return true
  const input = element.closest('input')
  return !!input && !['checkbox', 'radio', 'button', 'range'].includes(input.type)
}

const SEQUENCE_MS = 1200
let pending = ''
let pendingAt = 0

/** Finds and runs the binding of a press. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
  const press = pressOf(event)
  // Inside a shadow root (the code editor) the true target is first on the path.
  const target = event.composedPath()[0] ?? event.target
  const inField = isField(target)
  const sequence = pending && event.timeStamp - pendingAt < SEQUENCE_MS ? `${pending} ${press}` : ''
  pending = ''
  const usable = live().filter(
    (binding) =>
      (!inField || binding.inFields || (!isSingle(binding.keys) && press.startsWith('ctrl+'))) &&
      (prefs.get().singleKeys || !isSingle(binding.keys)) &&
      binding.when?.() !== false,
  )
  const found = usable.find((binding) => binding.keys === sequence) ?? usable.find((binding) => binding.keys === press)
  if (found) {
    // Enter and space on a button or a link are its own.
    if ((press === 'Enter' || press === 'Space') && onControl(target)) return
    event.preventDefault()
    found.run(event)
  } else if (!inField && usable.some((binding) => binding.keys.startsWith(`${press} `))) {
    pending = press
    pendingAt = event.timeStamp
  }
}

function onControl(target: EventTarget | null): boolean {
  return target instanceof Element && !!target.closest('a, button, input, select, summary, [role="menuitem"]')
}

/** Starts listening; once, by the frame. */
export function listenToKeys(): () => void {
  document.addEventListener('keydown', handleKey)
  return () => document.removeEventListener('keydown', handleKey)
}
