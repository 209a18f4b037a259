/** Variables: values that DAGs read. Secret ones are named, not shown. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { del, get, seg, ui, v1 } from '../../../api/client'
import { Button } from '../../../kit/Button'
import { number, t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import type { Column } from '../../../kit/Table'
import { toast, toastError } from '../../../kit/Toast'
import { download } from '../shared/download'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'
import { DeleteDialog } from '../shared/dialogs'
import { useEdit } from '../shared/useEdit'
import { ImportDialog } from './ImportDialog'
import { type VariableRow, writeFile } from './transfer'
import { VariableDialog } from './VariableDialog'

const keyOf = (row: VariableRow) => row.key
const textOf = (row: VariableRow) => `${row.key}\n${row.masked ? '' : row.value}\n${row.description ?? ''}`

const COLUMNS: readonly Column<VariableRow>[] = [
  {
    id: 'key',
    head: t('variable.key', 'Key'),
    grow: 2,
    min: 150,
    fixed: true,
    sort: keyOf,
    cell: (row) => (
      <span className={styles.name} title={row.key}>
        {row.key}
      </span>
    ),
  },
  {
    id: 'value',
    head: t('variable.value', 'Value'),
    grow: 4,
    min: 160,
    csv: (row) => (row.masked ? null : row.value),
    cell: (row) => <Value row={row} />,
  },
  {
    id: 'description',
    head: t('variable.description', 'Description'),
    grow: 3,
    min: 120,
    sort: (row) => row.description,
    cell: (row) => (
      <span className="muted truncate" title={row.description ?? undefined}>
        {row.description}
      </span>
    ),
  },
]

function Value({ row }: { row: VariableRow }) {
  if (row.masked)
    return (
      <span className={`${styles.cell} muted`}>
        <Icon name="lock" size={12} /> {t('variable.secret', 'secret, not shown')}
      </span>
    )
  return (
    <span className="mono truncate" title={row.value}>
      {row.value}
    </span>
  )
}

/** Values that the list has only the beginning of are asked for before they are written. */
async function exportOf(rows: readonly VariableRow[]): Promise<void> {
  const whole = await Promise.all(
    rows.map(async (row) => {
      if (!row.cut || row.masked) return row
      const { value } = await get<{ value: string }>(v1(`/variables/${seg(row.key)}`))
      return { ...row, value }
    }),
  )
  const masked = rows.filter((row) => row.masked).length
  download('variables.json', writeFile(whole), 'application/json')
  const text = t('variable.exported', '{n} exported', { n: number(rows.length - masked) })
  toast(masked ? `${text}; ${t('variable.leftOut', '{n} with secrets left out', { n: number(masked) })}` : text)
}

export default function VariablesPage() {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['variables', 'list'],
    queryFn: ({ signal }) => get<{ variables: VariableRow[]; total: number }>(ui('/variables'), { signal }),
    enabled: can('can_read', 'Variables'),
  })
  const rows = query.data?.variables
  const { edit, isNew, open, create, close } = useEdit()
  const [isImporting, setImporting] = useState(false)
  const [gone, setGone] = useState<readonly string[] | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['variables'] })
  const write = (chosen: readonly VariableRow[]) =>
    exportOf(chosen).catch((problem: unknown) => toastError(t('variable.notExported', 'Not exported'), problem))
  const make = can('can_create', 'Variables') && (
    <>
      <Button icon="upload" onClick={() => setImporting(true)}>
        {t('variable.importIt', 'Import')}
      </Button>
      <Button variant="primary" icon="plus" onClick={create}>
        {t('variable.new', 'New variable')}
      </Button>
    </>
  )
  return (
    <>
      <AdminList
        name="variables"
        title={t('variable.title', 'Variables')}
        needs="Variables"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        sort={{ id: 'key', desc: false }}
        searchLabel={t('variable.search', 'Filter by key, value, description')}
        actions={
          <>
            {rows && rows.length > 0 && (
              <Button icon="download" onClick={() => void write(rows)}>
                {t('variable.export', 'Export')}
              </Button>
            )}
            {make}
          </>
        }
        onOpen={(row) => open(row.key)}
        onSelected={(chosen) => (
          <>
            <Button size="sm" icon="download" onClick={() => void write(chosen)}>
              {t('variable.export', 'Export')}
            </Button>
            {can('can_delete', 'Variables') && (
              <Button size="sm" icon="trash" variant="danger" onClick={() => setGone(chosen.map(keyOf))}>
                {t('delete', 'Delete')}
              </Button>
            )}
          </>
        )}
        narrow={(row) => (
          <span className={styles.narrow}>
            <span className={styles.name}>{row.key}</span>
            <Value row={row} />
          </span>
        )}
        empty={{
          title: t('variable.none', 'No variable yet'),
          icon: 'variable',
          text: t('variable.noneText', 'DAGs read variables by their keys: settings that change without a new file.'),
          action: make,
        }}
      />
      {(edit || isNew) && <VariableDialog key={edit} rows={rows} name={edit} onClose={close} onDone={refresh} />}
      {isImporting && <ImportDialog rows={rows ?? []} onClose={() => setImporting(false)} onDone={refresh} />}
      {gone && (
        <DeleteDialog
          title={t('variable.delete', 'Delete variables?')}
          names={gone}
          text={t('variable.deleteText', 'DAGs that read them fail from now on.')}
          remove={(key) => del(v1(`/variables/${seg(key)}`))}
          onClose={() => setGone(null)}
          onDone={refresh}
        />
      )}
    </>
  )
}
