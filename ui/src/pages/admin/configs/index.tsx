/** The configuration: what holds, where it is from, and what it would be otherwise. Secrets are not sent. */
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { can } from '../../../api/boot'
import { get, ui } from '../../../api/client'
import { Chip } from '../../../kit/Chip'
import { Dialog } from '../../../kit/Dialog'
import { number, t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import { Facts } from '../../../kit/Page'
import type { Column } from '../../../kit/Table'
import { useUrlState } from '../../../kit/useUrlState'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'

type Option = {
  key: string
  /** Null: a secret. */
  value: string | null
  secret: boolean
  source: string
  default: string | null
  doc: string
}
type Row = Option & { section: string }

const STATE = { changed: false }
const keyOf = (row: Row) => `${row.section}.${row.key}`
const textOf = (row: Row) => `${row.section}.${row.key}\n${row.value ?? ''}\n${row.source}\n${row.doc}`
const isChanged = (row: Row) => row.source !== 'default'

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'key',
    head: t('config.option', 'Option'),
    grow: 2,
    min: 170,
    fixed: true,
    sort: keyOf,
    cell: (row) => (
      <span className={isChanged(row) ? styles.name : undefined} title={row.doc || undefined}>
        {row.key}
      </span>
    ),
  },
  {
    id: 'value',
    head: t('config.value', 'Value'),
    grow: 3,
    min: 140,
    csv: (row) => row.value,
    cell: (row) => <Value row={row} />,
  },
  {
    id: 'source',
    head: t('config.source', 'From'),
    grow: 3,
    min: 120,
    sort: (row) => row.source,
    cell: (row) => (
      <span className={`truncate ${isChanged(row) ? '' : 'muted'}`} title={row.source}>
        {row.source}
      </span>
    ),
  },
  {
    id: 'default',
    head: t('config.default', 'Default'),
    grow: 2,
    min: 110,
    csv: (row) => row.default,
    cell: (row) => (
      <span className="mono muted truncate" title={row.default ?? undefined}>
        {row.default}
      </span>
    ),
  },
]

function Value({ row }: { row: Row }) {
  if (row.secret)
    return (
      <span className={`${styles.cell} muted`}>
        <Icon name="lock" size={12} /> {t('config.secret', 'secret, not shown')}
      </span>
    )
  if (row.value === '') return <span className="muted">{t('config.unset', 'empty')}</span>
  return (
    <span className="mono truncate" title={row.value ?? undefined}>
      {row.value}
    </span>
  )
}

export default function ConfigPage() {
  const [{ changed }, setUrl] = useUrlState(STATE)
  const [open, setOpen] = useState<Row | null>(null)
  const query = useQuery({
    queryKey: ['config'],
    queryFn: ({ signal }) => get<{ sections: { name: string; options: Option[] }[] }>(ui('/config'), { signal }),
    enabled: can('can_read', 'Configurations'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const all = useMemo(
    () => query.data?.sections.flatMap(({ name, options }) => options.map((option) => ({ ...option, section: name }))),
    [query.data],
  )
  const rows = useMemo(() => (changed ? all?.filter(isChanged) : all), [all, changed])
  return (
    <>
      <AdminList
        name="config"
        title={t('config.title', 'Configuration')}
        needs="Configurations"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={textOf}
        searchLabel={t('config.search', 'Filter by section, option, value')}
        onOpen={setOpen}
        isFiltered={changed}
        onClearFilters={() => setUrl({ changed: false })}
        filters={
          <Chip
            selected={changed}
            count={all ? all.filter(isChanged).length : undefined}
            onClick={() => setUrl({ changed: !changed })}
          >
            {t('config.changed', 'Not the default')}
          </Chip>
        }
        group={{
          of: (row) => row.section,
          head: (section, members) => (
            <>
              <strong>[{section}]</strong> <span className="muted">{number(members.length)}</span>
            </>
          ),
        }}
        narrow={(row) => (
          <span className={styles.narrow}>
            <span className={styles.name}>{row.key}</span>
            <Value row={row} />
          </span>
        )}
        empty={{ title: t('config.none', 'Nothing is configured'), icon: 'config' }}
      />
      {open && (
        <Dialog open onClose={() => setOpen(null)} title={`[${open.section}] ${open.key}`} width={640}>
          {open.doc && <p>{open.doc}</p>}
          <Facts
            facts={[
              [
                t('config.value', 'Value'),
                open.secret ? t('config.secret', 'secret, not shown') : <code key="v">{open.value}</code>,
              ],
              [t('config.source', 'From'), open.source],
              [t('config.default', 'Default'), open.default],
              [
                t('config.set', 'To set it'),
                <code key="e">{`AIRFLOW__${open.section.toUpperCase()}__${open.key.toUpperCase()}`}</code>,
              ],
            ]}
          />
        </Dialog>
      )}
    </>
  )
}
