/** A large graph on a canvas: drag to move, wheel to zoom, arrows go from node to node. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { tipStyle } from '../charts/CanvasList'
import { useCanvas } from '../charts/useCanvas'
import { type Camera, centred, drawGraph, fitted, nodeAt, zoomedAt } from './draw'
import styles from './graph.module.css'
import type { GraphViewParts } from './parts'
import { nodeText } from './parts'
import type { SceneNode } from './scene'

export function CanvasGraph({ scene, bright, selected, wanted, label, onSelect, onOpen, onToggle }: GraphViewParts) {
  const [camera, setCamera] = useState<Camera | null>(null)
  const [hover, setHover] = useState<{
    node: SceneNode
    x: number
    y: number
  } | null>(null)
  const drag = useRef<{
    x: number
    y: number
    camera: Camera
    isMoving: boolean
  } | null>(null)
  const id = useId()
  const { placeRef, canvasRef, size } = useCanvas((ctx, area, theme) => {
    drawGraph(ctx, theme, scene, {
      camera: camera ?? fitted(scene, area.width, area.height),
      ...area,
      bright,
      selected,
      hover: hover?.node.id ?? null,
    })
  })
  const shown = camera ?? fitted(scene, size.width, size.height)
  // Another graph is shown whole at first
  useEffect(() => setCamera(null), [scene.width, scene.height])
  // Only a new wish moves the camera
  useEffect(() => {
    const node = wanted && scene.nodes.find((one) => one.id === wanted.id)
    if (node && size.width > 0) setCamera(centred(node, shown, size.width, size.height))
  }, [wanted, scene])
  useEffect(() => {
    const place = placeRef.current
    if (!place) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = place.getBoundingClientRect()
      setCamera(zoomedAt(shown, event.clientX - box.left, event.clientY - box.top, event.deltaY > 0 ? 0.87 : 1.15))
    }
    place.addEventListener('wheel', onWheel, { passive: false })
    return () => place.removeEventListener('wheel', onWheel)
  })
  const spot = (event: { clientX: number; clientY: number }) => {
    const box = (placeRef.current as HTMLElement).getBoundingClientRect()
    return nodeAt(scene, shown, event.clientX - box.left, event.clientY - box.top)
  }
  const nodes = scene.nodes.filter((node) => !node.isBox)
  const at = Math.max(
    0,
    nodes.findIndex((node) => node.id === selected),
  )
  const here = nodes[at]
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowRight: 1,
      ArrowUp: -1,
      ArrowLeft: -1,
    }
    const move = moves[event.key]
    const middle = [size.width / 2, size.height / 2] as const
    if (move !== undefined) {
      const next = selected === null ? nodes[0] : nodes[(at + move + nodes.length) % nodes.length]
      if (next) {
        onSelect(next.id)
        setCamera(centred(next, shown, size.width, size.height))
      }
    } else if (event.key === 'Enter' && here) {
      if (here.isClosedGroup) onToggle(here.id)
      else onOpen(here.id)
    } else if (event.key === '+' || event.key === '=') setCamera(zoomedAt(shown, ...middle, 1.25))
    else if (event.key === '-') setCamera(zoomedAt(shown, ...middle, 0.8))
    else if (event.key === '0') setCamera(null)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <div
        ref={placeRef}
        className={styles.canvas}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={here ? `${id}one` : undefined}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = {
            x: event.clientX,
            y: event.clientY,
            camera: shown,
            isMoving: false,
          }
        }}
        onPointerMove={(event) => {
          const from = drag.current
          if (!from) {
            const node = spot(event)
            setHover(node && { node, x: event.clientX, y: event.clientY })
            return
          }
          const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
          if (!from.isMoving && Math.hypot(dx, dy) < 4) return
          from.isMoving = true
          setCamera({
            ...from.camera,
            x: from.camera.x + dx,
            y: from.camera.y + dy,
          })
        }}
        onPointerUp={(event) => {
          const wasMoving = drag.current?.isMoving
          drag.current = null
          if (wasMoving) return
          const node = spot(event)
          if (node?.isClosedGroup || node?.isBox) onToggle(node.id)
          else onSelect(node?.id ?? null)
        }}
        onDoubleClick={(event) => {
          const node = spot(event)
          if (node && !node.isBox) onOpen(node.id)
        }}
        onPointerLeave={() => setHover(null)}
      >
        <canvas ref={canvasRef} />
        {here && (
          <span
            className="visually-hidden"
            role="option"
            tabIndex={-1}
            id={`${id}one`}
            aria-selected={selected === here.id}
            aria-posinset={at + 1}
            aria-setsize={nodes.length}
          >
            {nodeText(here)}
          </span>
        )}
      </div>
      {hover && shown.zoom < 0.6 && (
        <div className={styles.tip} aria-hidden="true" style={tipStyle(hover)}>
          {nodeText(hover.node)}
        </div>
      )}
    </>
  )
}
