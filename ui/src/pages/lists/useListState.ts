/** What a list with bulk actions keeps: the selection, what is asked, and whether there is more than is shown. */
import { useState } from 'react'
import type { BulkFilter } from '../../api/queries/actions'
import { NOTHING, type Selection } from '../../kit/Table'

/** The rows that a selection names, by their keys; those of pages that were let go are not among them. */
export function chosenRows<Row>(
  rows: readonly Row[] | undefined,
  selection: Selection,
  keyOf: (row: Row) => string,
): Row[] {
  return (rows ?? []).filter((row) => selection.keys.has(keyOf(row)))
}

/** A selection as the server understands it: the rows by name, or all that match but for some. */
export function selectedFilter<Row, Key>(
  filter: BulkFilter,
  selection: Selection,
  rows: readonly Row[],
  name: 'dag_runs' | 'task_instances',
  nameOf: (row: Row) => Key,
): BulkFilter {
  const named = rows.map(nameOf)
  if (!selection.all) return { [name]: named }
  return named.length ? { ...filter, except: named as BulkFilter['except'] } : filter
}

export function useSelection() {
  const [selection, setSelection] = useState<Selection>(NOTHING)
  return {
    selection,
    setSelection,
    clear: () => setSelection(NOTHING),
    all: () => setSelection({ all: true, keys: new Set() }),
  }
}
