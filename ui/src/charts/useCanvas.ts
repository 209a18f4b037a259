/** A canvas that is as sharp as the screen, as large as its place, and painted at most once a frame. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { fit as fitTo } from '../kit/canvas'
import { type Theme, useTheme } from './theme'

export type Draw = (ctx: CanvasRenderingContext2D, size: Size, theme: Theme) => void

export interface Size {
  readonly width: number
  readonly height: number
}

export interface CanvasParts {
  /** The element whose inner size the canvas takes. */
  readonly placeRef: RefObject<HTMLDivElement | null>
  readonly canvasRef: RefObject<HTMLCanvasElement | null>
  readonly size: Size
  /** Paint in the next frame. */
  redraw(): void
}

/** Everything a component with a canvas needs. `draw` is called after each render of it and after each `redraw()`. */
export function useCanvas(draw: Draw): CanvasParts {
  const placeRef = useRef<HTMLDivElement>(null)
  const canvasRef = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  const latest = useRef<() => void>(() => {})
  const frame = useRef(0)
  const size = useSize(placeRef)

  useLayoutEffect(() => {
    latest.current = () => {
      const canvas = canvasRef.current
      if (canvas && size.width > 0 && size.height > 0) draw(fitTo(canvas, size.width, size.height), size, theme)
    }
  })
  const redraw = useCallback(() => {
    if (frame.current) return
    frame.current = requestAnimationFrame(() => {
      frame.current = 0
      latest.current()
    })
  }, [])
  useEffect(() => redraw())
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current)
      frame.current = 0
    },
    [],
  )
  return { placeRef, canvasRef, size, redraw }
}

function useSize(place: RefObject<HTMLDivElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    const measure = () => {
      const next = { width: element.clientWidth, height: element.clientHeight }
      setSize((old) => (old.width === next.width && old.height === next.height ? old : next))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [place])
  return size
}
