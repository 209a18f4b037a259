/** A picture with things in it that can be reached by keys: one canvas, one focusable list, and the active thing in words. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import styles from './charts.module.css'
import type { Theme } from './theme'
import { type Size, useCanvas } from './useCanvas'

export interface Point {
  readonly x: number
  /** From the top of the content, not of the window onto it. */
  readonly y: number
  readonly width: number
}

export interface CanvasListProps {
  readonly label: string
  readonly count: number
  /** Height of the whole content; the canvas is as high as its place. */
  readonly height: number
  /** Height of what stays on top while the rest scrolls. */
  readonly head?: number
  readonly busy?: boolean
  draw(ctx: CanvasRenderingContext2D, size: Size, theme: Theme, scrollY: number, active: number | null): void
  /** The words for a thing. */
  textOf(index: number): string
  /** Where a key leads; null: the key is not a move. */
  step?(key: string, index: number): number | null
  /** Top and bottom of a thing, so that it can be scrolled to. */
  spanOf?(index: number, width: number): readonly [number, number]
  onEnter?(index: number): void
  onKey?(event: KeyboardEvent, index: number): boolean
  onPoint?(point: Point | null, event: { readonly clientX: number; readonly clientY: number }): void
  onPress?(point: Point, keys: { readonly shift: boolean }): void
  onDrag?(from: Point, to: Point, isDone: boolean): void
  onZoom?(point: Point, factor: number): void
  /** What is under the pointer, in words or more. */
  tip?: ReactNode
}

/** One step up or down for the arrow keys. */
export function listStep(count: number, page = 10): (key: string, index: number) => number | null {
  return (key, index) => {
    const by: Record<string, number> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -count,
      End: count,
    }
    const move = by[key]
    return move === undefined ? null : Math.max(0, Math.min(count - 1, index + move))
  }
}

export function CanvasList(props: CanvasListProps) {
  const { head = 0 } = props
  const [wanted, setWanted] = useState(0)
  const [hasFocus, setHasFocus] = useState(false)
  const [tipAt, setTipAt] = useState<{ x: number; y: number } | null>(null)
  const held = useRef<{ point: Point; isMoving: boolean } | null>(null)
  const id = useId()
  const active = Math.min(wanted, props.count - 1)
  const { placeRef, canvasRef, size, redraw } = useCanvas((ctx, area, look) => {
    ctx.fillStyle = look.background
    ctx.fillRect(0, 0, area.width, area.height)
    props.draw(ctx, area, look, placeRef.current?.scrollTop ?? 0, hasFocus ? active : null)
  })
  const pointOf = (event: { clientX: number; clientY: number }): Point => {
    const place = placeRef.current as HTMLElement
    const box = place.getBoundingClientRect()
    const y = event.clientY - box.top
    return {
      x: event.clientX - box.left,
      y: y < head ? y - head : y - head + place.scrollTop,
      width: size.width,
    }
  }
  // React's own wheel listener is passive: it could not keep the page from zooming.
  const zoom = props.onZoom
  useEffect(() => {
    const place = placeRef.current
    if (!place || !zoom) return
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const box = place.getBoundingClientRect()
      zoom({ x: event.clientX - box.left, y: 0, width: place.clientWidth }, event.deltaY > 0 ? 1.25 : 0.8)
    }
    place.addEventListener('wheel', onWheel, { passive: false })
    return () => place.removeEventListener('wheel', onWheel)
  })
  const moveTo = (index: number) => {
    setWanted(index)
    const place = placeRef.current
    const span = props.spanOf?.(index, size.width)
    if (!place || !span) return
    if (span[0] < place.scrollTop) place.scrollTop = span[0]
    else if (span[1] + head > place.scrollTop + size.height) place.scrollTop = span[1] + head - size.height
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || props.count === 0) return
    const next = (props.step ?? listStep(props.count))(event.key, active)
    if (props.onKey?.(event, active)) {
      // It was the owner's.
    } else if (next !== null && !event.ctrlKey) moveTo(next)
    else if (event.key === 'Enter') props.onEnter?.(active)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <div
        ref={placeRef}
        className={styles.place}
        role="listbox"
        tabIndex={0}
        aria-label={props.label}
        aria-busy={props.busy || undefined}
        aria-activedescendant={props.count > 0 ? `${id}one` : undefined}
        onScroll={redraw}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button === 0 && event.pointerType !== 'touch')
            held.current = { point: pointOf(event), isMoving: false }
        }}
        onPointerMove={(event) => {
          const point = pointOf(event)
          props.onPoint?.(point, event)
          setTipAt({ x: event.clientX, y: event.clientY })
          const from = held.current
          if (!from || !props.onDrag) return
          if (!from.isMoving && Math.hypot(point.x - from.point.x, point.y - from.point.y) < 5) return
          if (!from.isMoving) event.currentTarget.setPointerCapture(event.pointerId)
          from.isMoving = true
          props.onDrag(from.point, point, false)
        }}
        onPointerLeave={(event) => {
          props.onPoint?.(null, event)
          setTipAt(null)
        }}
        onClick={(event) => {
          const from = held.current
          held.current = null
          if (from?.isMoving) props.onDrag?.(from.point, pointOf(event), true)
          else props.onPress?.(pointOf(event), { shift: event.shiftKey })
        }}
      >
        <div style={{ height: Math.max(props.height + head, 1) }}>
          <canvas ref={canvasRef} />
        </div>
        {props.count > 0 && (
          <span
            className="visually-hidden"
            role="option"
            id={`${id}one`}
            aria-selected={false}
            aria-posinset={active + 1}
            aria-setsize={props.count}
          >
            {props.textOf(active)}
          </span>
        )}
      </div>
      {props.tip && tipAt && (
        <div className={styles.tip} aria-hidden="true" style={tipStyle(tipAt)}>
          {props.tip}
        </div>
      )}
    </>
  )
}

/** Beside the pointer, within the window. */
export function tipStyle({ x, y }: { readonly x: number; readonly y: number }): Record<string, number> {
  const isRight = x > window.innerWidth - 320
  const isLow = y > window.innerHeight - 180
  return {
    [isRight ? 'right' : 'left']: isRight ? window.innerWidth - x + 14 : x + 14,
    [isLow ? 'bottom' : 'top']: isLow ? window.innerHeight - y + 14 : y + 14,
  }
}
