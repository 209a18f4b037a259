/** What a key does to the place of the focus in the matrix. */
import { type Extent, HEAD, type Spot } from './layout'

/** The new place, or null when the key is none of the matrix's moves. Row -1 is the runs' heads, column -1 the names. */
export function move(key: string, ctrl: boolean, at: Spot, extent: Extent, page: number): Spot | null {
  const next = target(key, ctrl, at, extent, page)
  return next && clamp(next, extent)
}

function target(key: string, ctrl: boolean, at: Spot, extent: Extent, page: number): Spot | null {
  switch (key) {
    case 'ArrowUp':
      return { row: at.row - 1, col: at.col }
    case 'ArrowDown':
      return { row: at.row + 1, col: at.col }
    case 'ArrowLeft':
      return { row: at.row, col: at.col - 1 }
    case 'ArrowRight':
      return { row: at.row, col: at.col + 1 }
    case 'Home':
      return { row: ctrl ? 0 : at.row, col: 0 }
    case 'End':
      return { row: ctrl ? extent.rows - 1 : at.row, col: extent.cols - 1 }
    case 'PageUp':
      return {
        row: Math.max(at.row === HEAD ? HEAD : 0, at.row - page),
        col: at.col,
      }
    case 'PageDown':
      return { row: at.row + page, col: at.col }
    default:
      return null
  }
}

/** A spot within the matrix; the corner above the names is no place. */
export function clamp(spot: Spot, extent: Extent): Spot {
  const col = Math.max(HEAD, Math.min(extent.cols - 1, spot.col))
  const lowest = col === HEAD ? 0 : HEAD
  return { row: Math.max(lowest, Math.min(extent.rows - 1, spot.row)), col }
}
