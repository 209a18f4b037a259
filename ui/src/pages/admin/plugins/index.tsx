/** Plugins: what was found, where, and what each brings. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { get, v1 } from '../../../api/client'
import { Dialog } from '../../../kit/Dialog'
import { t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import { JsonTree } from '../../../kit/JsonTree'
import type { Column } from '../../../kit/Table'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'

type Plugin = { name: string; source: string | null } & Record<string, unknown>
type Answer = { plugins: Plugin[]; import_errors?: { source: string; error: string }[] }

const keyOf = (one: Plugin) => `${one.name} ${one.source ?? ''}`

/** The kinds of things that a plugin brings, with how many of each. */
function bringsOf(one: Plugin): string[] {
  return Object.entries(one).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 0 ? [`${name.replaceAll('_', ' ')} ${value.length}`] : [],
  )
}

const COLUMNS: readonly Column<Plugin>[] = [
  {
    id: 'name',
    head: t('plugin.name', 'Name'),
    grow: 1,
    min: 140,
    fixed: true,
    sort: (one) => one.name,
    cell: (one) => <span className={styles.name}>{one.name}</span>,
  },
  {
    id: 'brings',
    head: t('plugin.brings', 'Brings'),
    grow: 2,
    min: 180,
    csv: (one) => bringsOf(one).join(', '),
    cell: (one) => (
      <span className={styles.tags} title={bringsOf(one).join(', ')}>
        {bringsOf(one).map((text) => (
          <span key={text} className={styles.tag}>
            {text}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'source',
    head: t('plugin.source', 'From'),
    grow: 2,
    min: 160,
    sort: (one) => one.source,
    cell: (one) => (
      <span className="muted truncate" title={one.source ?? undefined}>
        {one.source}
      </span>
    ),
  },
]

export default function PluginsPage() {
  const [open, setOpen] = useState<Plugin | null>(null)
  const query = useQuery({
    queryKey: ['plugins'],
    queryFn: ({ signal }) => get<Answer>(v1('/plugins'), { query: { limit: 100 }, signal }),
    enabled: can('can_read', 'Plugins'),
  })
  const errors = query.data?.import_errors ?? []
  return (
    <>
      <AdminList
        name="plugins"
        title={t('plugin.title', 'Plugins')}
        needs="Plugins"
        rows={query.data?.plugins}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={(one) => `${one.name}\n${one.source ?? ''}\n${bringsOf(one).join(' ')}`}
        sort={{ id: 'name', desc: false }}
        onOpen={setOpen}
        above={errors.map((one) => (
          <p key={one.source} className={styles.note}>
            <Icon name="error" />
            <span>
              <strong>{one.source}</strong>: {one.error}
            </span>
          </p>
        ))}
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.name}>{one.name}</span>
            <span className="muted truncate">{bringsOf(one).join(', ')}</span>
          </span>
        )}
        empty={{
          title: t('plugin.none', 'No plugin'),
          icon: 'plugin',
          text: t('plugin.noneText', 'Put one into the plugins folder, or install a package that brings one.'),
        }}
      />
      {open && (
        <Dialog open onClose={() => setOpen(null)} title={open.name} width={640}>
          <JsonTree value={open} open={2} />
        </Dialog>
      )}
    </>
  )
}
