/** Mouse and pen over the matrix: hover, click with its modifiers, and the rectangle that is drawn by dragging. */
import { type MouseEvent, type PointerEvent, useRef } from 'react'
import type { Spot } from './layout'

export interface PointerTarget {
  spotAt(x: number, y: number): Spot | null
  onHover(spot: Spot | null, x: number, y: number): void
  onClick(spot: Spot, keys: { readonly shift: boolean; readonly ctrl: boolean }): void
  onDrag(from: Spot, to: Spot, keys: { readonly ctrl: boolean }): void
}

interface Drag {
  readonly spot: Spot
  readonly x: number
  readonly y: number
  isMoving: boolean
}

/** Pixels before a press becomes a drag. */
const SLACK = 5

/** Handlers for the element around the canvas. Fingers scroll: only a mouse or a pen drags. */
export function useMatrixPointer(target: PointerTarget) {
  const drag = useRef<Drag | null>(null)
  const place = (event: MouseEvent): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  return {
    onPointerDown(event: PointerEvent) {
      const [x, y] = place(event)
      const spot = target.spotAt(x, y)
      const isOnContent = x < event.currentTarget.clientWidth && y < event.currentTarget.clientHeight
      drag.current =
        spot && isOnContent && event.button === 0 && event.pointerType !== 'touch'
          ? { spot, x, y, isMoving: false }
          : null
    },
    onPointerMove(event: PointerEvent) {
      const [x, y] = place(event)
      const spot = target.spotAt(x, y)
      target.onHover(spot, event.clientX, event.clientY)
      const held = drag.current
      if (!held || !spot || held.spot.col < 0 || spot.col < 0) return
      if (!held.isMoving && Math.hypot(x - held.x, y - held.y) < SLACK) return
      if (!held.isMoving) event.currentTarget.setPointerCapture(event.pointerId)
      held.isMoving = true
      target.onDrag(held.spot, spot, { ctrl: event.ctrlKey || event.metaKey })
    },
    onPointerLeave() {
      target.onHover(null, 0, 0)
    },
    onClick(event: MouseEvent) {
      const wasDrag = drag.current?.isMoving
      drag.current = null
      if (wasDrag) return
      const spot = target.spotAt(...place(event))
      if (spot)
        target.onClick(spot, {
          shift: event.shiftKey,
          ctrl: event.ctrlKey || event.metaKey,
        })
    },
  }
}
