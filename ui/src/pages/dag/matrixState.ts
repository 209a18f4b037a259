/** What the matrix shows, as the URL has it. */
import { useUrlState } from '../../kit/useUrlState'

const DEFAULTS = {
  runs: 25,
  q: '',
  failed: false,
  state: '',
  /** "up:TASK", "down:TASK", "both:TASK". */
  around: '',
  newest: 'right',
  table: false,
}

export type MatrixState = typeof DEFAULTS

export const RUN_COUNTS = [14, 25, 50, 100, 365] as const

export function useMatrixState(): [MatrixState, (change: Partial<MatrixState>) => void] {
  const [state, set] = useUrlState(DEFAULTS)
  return [state, (change) => set(change)]
}
