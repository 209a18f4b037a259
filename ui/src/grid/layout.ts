/** Where everything of the matrix is: pure arithmetic between pixels and cells. */

export interface Metrics {
  /** Distance between two rows, and between two columns. */
  readonly row: number
  readonly col: number
  /** Side of a cell's square. */
  readonly cell: number
  /** Height of the head with the runs' bars; width of the column of names. */
  readonly head: number
  readonly names: number
}

export interface Viewport {
  readonly width: number
  readonly height: number
  readonly scrollX: number
  readonly scrollY: number
}

export interface Extent {
  readonly rows: number
  readonly cols: number
}

/** Space after the last column and below the last row. */
export const MARGIN = 8

/** Size of the whole, for the scroll bars. */
export function contentSize(metrics: Metrics, extent: Extent): { width: number; height: number } {
  return {
    width: metrics.names + extent.cols * metrics.col + MARGIN,
    height: metrics.head + extent.rows * metrics.row + MARGIN,
  }
}

export interface Range {
  readonly first: number
  /** One after the last. */
  readonly end: number
}

/** Rows that are on the screen. */
export function rowsInView(metrics: Metrics, view: Viewport, extent: Extent): Range {
  return clip(view.scrollY / metrics.row, (view.scrollY + view.height - metrics.head) / metrics.row, extent.rows)
}

/** Columns that are on the screen. */
export function colsInView(metrics: Metrics, view: Viewport, extent: Extent): Range {
  return clip(view.scrollX / metrics.col, (view.scrollX + view.width - metrics.names) / metrics.col, extent.cols)
}

function clip(from: number, to: number, count: number): Range {
  const first = Math.max(0, Math.min(count, Math.floor(from)))
  return { first, end: Math.max(first, Math.min(count, Math.ceil(to))) }
}

/** Left edge of a column on the screen. */
export function colX(metrics: Metrics, view: Viewport, col: number): number {
  return metrics.names + col * metrics.col - view.scrollX
}

/** Top edge of a row on the screen. */
export function rowY(metrics: Metrics, view: Viewport, row: number): number {
  return metrics.head + row * metrics.row - view.scrollY
}

/** What lies under a point: a cell, a run's head (row -1), a task's name (col -1), or nothing. */
export interface Spot {
  readonly row: number
  readonly col: number
}

export const HEAD = -1

/** The spot under a point of the canvas; null: the corner, or beside the cells. */
export function hitTest(metrics: Metrics, view: Viewport, extent: Extent, x: number, y: number): Spot | null {
  const isHead = y < metrics.head
  const isName = x < metrics.names
  if (isHead && isName) return null
  const row = isHead ? HEAD : Math.floor((y - metrics.head + view.scrollY) / metrics.row)
  const col = isName ? HEAD : Math.floor((x - metrics.names + view.scrollX) / metrics.col)
  if (row >= extent.rows || col >= extent.cols) return null
  return { row, col }
}

/** The scroll position that brings a spot into view, moved as little as possible. */
export function scrollTo(metrics: Metrics, view: Viewport, spot: Spot): { x: number; y: number } {
  return {
    x:
      spot.col < 0
        ? view.scrollX
        : nearest(view.scrollX, spot.col * metrics.col, metrics.col, view.width - metrics.names),
    y:
      spot.row < 0
        ? view.scrollY
        : nearest(view.scrollY, spot.row * metrics.row, metrics.row, view.height - metrics.head),
  }
}

function nearest(scroll: number, start: number, size: number, room: number): number {
  if (start < scroll) return start
  return start + size + MARGIN > scroll + room ? Math.max(0, start + size + MARGIN - room) : scroll
}

/** A width for the names: as wide as the longest needs, and never so wide that the runs have no room. */
export function namesWidth(longest: number, width: number, isNarrow: boolean): number {
  if (isNarrow) return 120
  return Math.round(Math.max(120, Math.min(longest + 16, width * 0.45, 360)))
}
