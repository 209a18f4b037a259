/** What can be done with what is selected in the matrix. */
import { Button, IconButton } from '../kit/Button'
import { plural, t } from '../kit/i18n'
import styles from './matrix.module.css'
import { type Selected, type Selection, selectedCells, selectedRuns } from './selection'

export interface SelectionActions {
  readonly mayEdit: boolean
  onClear(cells: readonly Selected[], runs: readonly string[]): void
  onMark(state: 'success' | 'failed', cells: readonly Selected[], runs: readonly string[]): void
  onNote(cells: readonly Selected[], runs: readonly string[]): void
  onLogs(cells: readonly Selected[]): void
  onCompare(runs: readonly string[]): void
  onNothing(): void
}

/** Runs that a selection can compare: the selected heads, else the columns of the selected cells. */
export function comparable(selection: Selection): string[] {
  const heads = selectedRuns(selection)
  return heads.length > 0 ? heads : [...new Set(selectedCells(selection).map((cell) => cell.run))]
}

/** The bar below the matrix while something is selected. */
export function SelectionBar({ selection, actions }: { selection: Selection; actions: SelectionActions }) {
  const cells = selectedCells(selection)
  const runs = selectedRuns(selection)
  const both = comparable(selection)
  const parts = [
    cells.length > 0 && plural(cells.length, 'task instance', 'task instances'),
    runs.length > 0 && plural(runs.length, 'run', 'runs'),
  ].filter(Boolean)
  const isSingle = cells.length + runs.length === 1
  return (
    <div className={styles.selection} role="toolbar" aria-label={t('grid.selection', 'Selection')}>
      <strong>{t('grid.selected', '{what} selected', { what: parts.join(', ') })}</strong>
      {actions.mayEdit && (
        <>
          <Button size="sm" icon="retry" hotkey="r" onClick={() => actions.onClear(cells, runs)}>
            {t('action.clear', 'Clear')}
          </Button>
          <Button size="sm" icon="check" hotkey="s" onClick={() => actions.onMark('success', cells, runs)}>
            {t('action.success', 'Mark success')}
          </Button>
          <Button size="sm" icon="close" onClick={() => actions.onMark('failed', cells, runs)}>
            {t('action.failed', 'Mark failed')}
          </Button>
          {isSingle && (
            <Button size="sm" icon="note" onClick={() => actions.onNote(cells, runs)}>
              {t('action.note', 'Note')}
            </Button>
          )}
        </>
      )}
      {cells.length > 0 && cells.length <= 4 && (
        <Button size="sm" icon="log" onClick={() => actions.onLogs(cells)}>
          {cells.length === 1 ? t('action.log', 'Log') : t('action.logs', 'Logs side by side')}
        </Button>
      )}
      {both.length === 2 && (
        <Button size="sm" icon="compare" onClick={() => actions.onCompare(both)}>
          {t('action.compare', 'Compare')}
        </Button>
      )}
      <span className={styles.spring} />
      <IconButton
        size="sm"
        icon="close"
        label={t('grid.deselect', 'Clear the selection')}
        onClick={actions.onNothing}
      />
    </div>
  )
}
