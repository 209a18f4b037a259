/** Placing a menu or popover beside what opened it, inside the window. */
import { type CSSProperties, type RefObject, useLayoutEffect, useState } from 'react'

/** Under the anchor from its start or its end; or `beside`: at its right, as from a rail. */
export type Align = 'start' | 'end' | 'beside'

type Box = { top: number; bottom: number; left: number; right: number }

/** Where a box of a size goes: below the anchor, above when there is more room, never out of the window. */
export function place(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
  align: Align,
): { top: number; left: number; maxHeight: number } {
  const margin = 8
  const gap = 4
  if (align === 'beside') {
    const top = Math.max(margin, Math.min(anchor.top, view.height - size.height - margin))
    return { top, left: anchor.right + gap, maxHeight: view.height - 2 * margin }
  }
  const below = view.height - anchor.bottom - gap - margin
  const above = anchor.top - gap - margin
  const isAbove = size.height > below && above > below
  const maxHeight = Math.max(120, isAbove ? above : below)
  const height = Math.min(size.height, maxHeight)
  const wanted = align === 'end' ? anchor.right - size.width : anchor.left
  return {
    top: isAbove ? anchor.top - gap - height : anchor.bottom + gap,
    left: Math.max(margin, Math.min(wanted, view.width - size.width - margin)),
    maxHeight,
  }
}

/** The style that puts `floating` beside `anchor`; hidden until it was measured. */
export function useFloating(
  anchor: RefObject<HTMLElement | null>,
  floating: RefObject<HTMLElement | null>,
  open: boolean,
  align: Align = 'start',
): CSSProperties {
  const [style, setStyle] = useState<CSSProperties>({ visibility: 'hidden' })
  useLayoutEffect(() => {
    if (!open) return
    const update = () => {
      const from = anchor.current?.getBoundingClientRect()
      const box = floating.current
      if (!from || !box) return
      const size = { width: box.offsetWidth, height: box.scrollHeight + 2 }
      setStyle(place(from, size, { width: window.innerWidth, height: window.innerHeight }, align))
    }
    update()
    window.addEventListener('resize', update)
    window.addEventListener('scroll', update, true)
    return () => {
      window.removeEventListener('resize', update)
      window.removeEventListener('scroll', update, true)
    }
  }, [anchor, floating, open, align])
  return open ? style : { visibility: 'hidden' }
}
