/** Swiping a drawer away to the right, by touch. */
import { type TouchEvent, useRef } from 'react'

export type Point = { x: number; y: number; at: number }

const LEAST_PX = 70
const MOST_MS = 700

/** A quick stroke to the right that is clearly more across than down: `at` in milliseconds. Pure. */
export function isSwipeBack(from: Point, to: Point): boolean {
  const [right, down] = [to.x - from.x, Math.abs(to.y - from.y)]
  return right >= LEAST_PX && right > 2 * down && to.at - from.at <= MOST_MS
}

/** Whether something between the touched element and the drawer can itself be scrolled back to the left. */
function scrollsLeft(from: EventTarget, until: Element): boolean {
  for (let one = from instanceof Element ? from : null; one !== null && one !== until; one = one.parentElement) {
    if (one.scrollLeft > 0 || one.tagName === 'INPUT' || one.tagName === 'CANVAS') return true
  }
  return false
}

type Handlers = Record<'onTouchStart' | 'onTouchEnd' | 'onTouchCancel', (event: TouchEvent<HTMLElement>) => void>

/** Handlers for the element that is swiped; what scrolls sideways or draws keeps its strokes. Touch events, since pointer
 * events end as soon as the browser takes a stroke for scrolling, also where there is nothing to scroll. */
export function useSwipeBack(back: () => void): Handlers {
  const from = useRef<Point | null>(null)
  const pointOf = (event: TouchEvent): Point => {
    const touch = event.changedTouches[0]
    return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0, at: event.timeStamp }
  }
  return {
    onTouchStart: (event) => {
      const isFree = event.touches.length === 1 && !scrollsLeft(event.target, event.currentTarget)
      from.current = isFree ? pointOf(event) : null
    },
    onTouchEnd: (event) => {
      if (from.current !== null && isSwipeBack(from.current, pointOf(event))) back()
      from.current = null
    },
    onTouchCancel: () => {
      from.current = null
    },
  }
}
