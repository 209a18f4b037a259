/** The frame of most administration pages: heading, search, one table, and what stands there without rows. */
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { can } from '../../../api/boot'
import { SearchInput } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { useKeys } from '../../../kit/keys'
import { Page } from '../../../kit/Page'
import { Empty, FilteredEmpty, Forbidden } from '../../../kit/Placeholder'
import { type Column, isSelected, NOTHING, type Selection, Table, type TableProps } from '../../../kit/Table'
import type { IconName } from '../../../kit/icons'
import { useUrlState } from '../../../kit/useUrlState'
import styles from './admin.module.css'

const SEARCH = { q: '' }

export type AdminListProps<Row> = {
  name: string
  title: string
  sub?: ReactNode
  /** The resource that one must be allowed to read. */
  needs?: string
  rows: readonly Row[] | undefined
  error: unknown
  onRetry: () => void
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
  /** What the search box looks into; without it there is none. */
  textOf?: (row: Row) => string
  searchLabel?: string
  /** At the right of the heading. */
  actions?: ReactNode
  /** Beside the search box. */
  filters?: ReactNode
  /** Whether `filters` leave something out, and how to undo that. */
  isFiltered?: boolean
  onClearFilters?: () => void
  /** Buttons for the selected rows; without it rows cannot be selected. */
  onSelected?: (rows: readonly Row[], clear: () => void) => ReactNode
  empty: { title: string; icon: IconName; text?: ReactNode; action?: ReactNode }
  /** Between heading and table. */
  above?: ReactNode
} & Pick<
  TableProps<Row>,
  'onOpen' | 'narrow' | 'sort' | 'group' | 'tools' | 'rowKeys' | 'total' | 'hasMore' | 'onMore' | 'rowClass' | 'onSort'
>

export function AdminList<Row>(props: AdminListProps<Row>) {
  if (props.needs && !can('can_read', props.needs))
    return (
      <Page title={props.title}>
        <Forbidden permission={t('permission.read', 'can read on {what}', { what: props.needs })} />
      </Page>
    )
  return <Allowed {...props} />
}

/** The rows that have all words of the search. */
export function searched<Row>(
  rows: readonly Row[] | undefined,
  text: string,
  textOf: ((row: Row) => string) | undefined,
): readonly Row[] | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!rows || !textOf || words.length === 0) return rows
  return rows.filter((row) => {
    const found = textOf(row).toLowerCase()
    return words.every((word) => found.includes(word))
  })
}

function Allowed<Row>(props: AdminListProps<Row>) {
  const { rows, textOf, onSelected } = props
  const [{ q }, setUrl] = useUrlState(SEARCH)
  const wanted = useDeferredValue(q)
  const shown = useMemo(() => searched(rows, wanted, textOf), [rows, wanted, textOf])
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const clear = () => setSelection(NOTHING)
  const [box, setBox] = useState<HTMLInputElement | null>(null)
  useKeys([
    { keys: 'f', label: t('keys.filter', 'Filter the list'), group: t('keys.table', 'List'), run: () => box?.focus() },
  ])
  const chosen = () => (shown ?? []).filter((row) => isSelected(selection, props.keyOf(row)))
  const hasToolbar = !!textOf || !!props.filters
  return (
    <Page
      title={props.title}
      sub={props.sub}
      actions={props.actions}
      fill
      toolbar={
        hasToolbar && (
          <>
            {textOf && (
              <SearchInput
                inputRef={setBox}
                value={q}
                onChange={(text) => {
                  clear()
                  setUrl({ q: text })
                }}
                label={props.searchLabel ?? t('admin.search', 'Search')}
                className={styles.search}
              />
            )}
            {props.filters}
          </>
        )
      }
    >
      {props.above}
      <Table
        name={props.name}
        label={props.title}
        columns={props.columns}
        rows={shown}
        keyOf={props.keyOf}
        error={props.error}
        onRetry={props.onRetry}
        onOpen={props.onOpen}
        narrow={props.narrow}
        sort={props.sort}
        onSort={props.onSort}
        group={props.group}
        tools={props.tools}
        rowKeys={props.rowKeys}
        total={props.total}
        hasMore={props.hasMore}
        onMore={props.onMore}
        rowClass={props.rowClass}
        selection={onSelected ? selection : undefined}
        onSelection={onSelected ? setSelection : undefined}
        actions={onSelected ? () => onSelected(chosen(), clear) : undefined}
        empty={
          (rows?.length && q) || props.isFiltered ? (
            <FilteredEmpty
              onClear={() => {
                setUrl({ q: '' })
                props.onClearFilters?.()
              }}
            />
          ) : (
            <Empty title={props.empty.title} icon={props.empty.icon} action={props.empty.action}>
              {props.empty.text}
            </Empty>
          )
        }
      />
    </Page>
  )
}
