/** Keeping the focus inside a dialog, and giving it back after. */
import { type RefObject, useEffect, useState } from 'react'

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex]:not([tabindex="-1"]), [contenteditable="true"]'

/** What Tab reaches inside an element, in order. */
export function focusablesIn(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (one) => one.tabIndex >= 0 && !one.closest('[inert]') && one.getClientRects().length > 0,
  )
}

/** While active, Tab goes round inside the element; on the way in the focus moves to [data-autofocus] or the element
 * itself, on the way out back to where it was. */
export function useFocusTrap(ref: RefObject<HTMLElement | null>, active = true): void {
  // Taken while drawing: once the page behind is inert, the focus has left it.
  const [before] = useState(() => document.activeElement as HTMLElement | null)
  useEffect(() => {
    const element = ref.current
    if (!active || !element) return
    const first = element.querySelector<HTMLElement>('[data-autofocus]') ?? element
    if (!element.contains(document.activeElement)) first.focus({ preventScroll: true })
    // What is still disabled (a button that waits for a plan) takes no focus: the dialog itself does, and hears Enter.
    if (!element.contains(document.activeElement)) element.focus({ preventScroll: true })
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Tab' || event.defaultPrevented) return
      const inside = focusablesIn(element)
      const at = inside.indexOf(document.activeElement as HTMLElement)
      const next = event.shiftKey ? (at <= 0 ? inside.length - 1 : -1) : at === inside.length - 1 ? 0 : -1
      if (inside.length === 0) event.preventDefault()
      else if (next >= 0) {
        event.preventDefault()
        inside[next]?.focus()
      }
    }
    element.addEventListener('keydown', onKey)
    return () => {
      element.removeEventListener('keydown', onKey)
      // Only when the focus went down with the element: a click elsewhere has moved it already.
      const lost = document.activeElement === document.body || element.contains(document.activeElement)
      if (lost && before?.isConnected) before.focus({ preventScroll: true })
    }
  }, [ref, active, before])
}
