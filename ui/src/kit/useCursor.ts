/** The row of a table that the keys are about: moving, opening, selecting. */
import { type KeyboardEvent, type MouseEvent, type RefObject, useMemo, useRef, useState } from 'react'
import { t } from './i18n'
import { type Binding, useKeys } from './keys'
import type { TableProps } from './Table'
import { isSelected, type Line, NOTHING, rangeOf, withRows } from './table'

const CONTROLS = 'a, button, input, label, select, textarea, [data-no-open]'

export type Cursor<Row> = {
  key: string | null
  keys: readonly string[]
  select: (key: string, range: boolean) => void
  onClick: (event: MouseEvent, row: Row, key: string) => void
  onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => void
}

export function useCursor<Row>(given: {
  table: TableProps<Row>
  lines: readonly Line<Row>[]
  scroller: RefObject<HTMLDivElement | null>
  height: number
  reveal: (index: number) => void
}): Cursor<Row> {
  const { table, lines, scroller, height } = given
  const { openKey, onOpen, onSelection, selection = NOTHING } = table
  const [key, setKey] = useState<string | null>(null)
  const anchor = useRef<string | null>(null)
  const keys = useMemo(() => lines.flatMap((line) => (line.kind === 'row' ? [line.key] : [])), [lines])
  const rowOf = (wanted: string | null) => lines.find((line) => line.kind === 'row' && line.key === wanted)

  const moveTo = (index: number): Row | null => {
    const next = keys[Math.max(0, Math.min(index, keys.length - 1))]
    if (next === undefined) return null
    setKey(next)
    given.reveal(lines.findIndex((line) => line.kind === 'row' && line.key === next))
    // The focus goes along, so that the row is read out; not out of a drawer over the table.
    if (!openKey)
      requestAnimationFrame(() =>
        scroller.current
          ?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next)}"]`)
          ?.focus({ preventScroll: true }),
      )
    const line = rowOf(next)
    return line?.kind === 'row' ? line.row : null
  }
  const step = (by: number) => {
    const from = keys.indexOf(openKey ?? key ?? '')
    const row = moveTo(from < 0 ? (by > 0 ? 0 : keys.length - 1) : from + by)
    // With a row open beside the table, stepping opens the next one.
    if (row && openKey) onOpen?.(row)
  }
  const select = (one: string, range: boolean) => {
    const chosen = !isSelected(selection, one)
    onSelection?.(withRows(selection, range ? rangeOf(keys, anchor.current, one) : [one], chosen))
    anchor.current = one
  }
  const onCursor = (run: (row: Row) => void) => () => {
    const line = rowOf(key)
    if (line?.kind === 'row') run(line.row)
  }
  useKeys(
    bindingsOf(
      table,
      step,
      (range) => key && select(key, range),
      onCursor,
      () => key !== null,
    ),
    keys.length > 0,
  )

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if ((event.target as Element).closest(CONTROLS)) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 1)
    const at = keys.indexOf(key ?? '')
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: keys.length - 1,
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    moveTo(Math.max(0, to))
  }
  const onClick = (event: MouseEvent, row: Row, one: string) => {
    // Marking text is not a click.
    if ((event.target as Element).closest(CONTROLS) || window.getSelection()?.toString()) return
    setKey(one)
    onOpen?.(row)
  }
  return { key: openKey ?? key, keys, select, onClick, onKeyDown }
}

function bindingsOf<Row>(
  table: TableProps<Row>,
  step: (by: number) => void,
  select: (range: boolean) => void,
  onCursor: (run: (row: Row) => void) => () => void,
  hasCursor: () => boolean,
): Binding[] {
  const group = t('keys.table', 'List')
  const all: Binding[] = [
    { keys: 'j', label: t('keys.next', 'Next row'), group, run: () => step(1) },
    { keys: 'k', label: t('keys.previous', 'Previous row'), group, run: () => step(-1) },
  ]
  if (table.onSelection)
    all.push(
      { keys: 'x', label: t('keys.select', 'Select row'), group, run: () => select(false) },
      { keys: 'shift+x', label: t('keys.range', 'Select up to here'), group, run: () => select(true) },
    )
  const { onOpen } = table
  if (onOpen) all.push({ keys: 'Enter', label: t('keys.open', 'Open'), group, run: onCursor(onOpen) })
  for (const one of table.rowKeys ?? [])
    all.push({ keys: one.keys, label: one.label, group, run: onCursor(one.run), when: hasCursor })
  return all
}
