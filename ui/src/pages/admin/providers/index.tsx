/** The provider packages that are installed. */
import { can } from '../../../api/boot'
import { useAll } from '../../../api/queries/lists'
import { t } from '../../../kit/i18n'
import type { Column } from '../../../kit/Table'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'

type Provider = { package_name: string; description: string; version: string }

const keyOf = (one: Provider) => one.package_name

const COLUMNS: readonly Column<Provider>[] = [
  {
    id: 'package',
    head: t('provider.package', 'Package'),
    grow: 2,
    min: 200,
    fixed: true,
    sort: keyOf,
    cell: (one) => <span className={styles.name}>{one.package_name}</span>,
  },
  {
    id: 'version',
    head: t('provider.version', 'Version'),
    width: 110,
    sort: (one) => one.version,
    cell: (one) => one.version,
  },
  {
    id: 'description',
    head: t('provider.description', 'Description'),
    grow: 3,
    min: 160,
    sort: (one) => one.description,
    cell: (one) => (
      <span className="muted truncate" title={one.description}>
        {one.description}
      </span>
    ),
  },
]

export default function ProvidersPage() {
  const query = useAll<Provider>('/providers', 'providers', can('can_read', 'Providers'))
  return (
    <AdminList
      name="providers"
      title={t('provider.title', 'Providers')}
      needs="Providers"
      rows={query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      columns={COLUMNS}
      keyOf={keyOf}
      textOf={(one) => `${one.package_name}\n${one.description}`}
      sort={{ id: 'package', desc: false }}
      narrow={(one) => (
        <span className={styles.narrow}>
          <span className={styles.line}>
            <span className={styles.name}>{one.package_name}</span>
            <span className="muted">{one.version}</span>
          </span>
          <span className="muted truncate">{one.description}</span>
        </span>
      )}
      empty={{
        title: t('provider.none', 'No provider package'),
        icon: 'provider',
        text: t(
          'provider.noneText',
          'Operators and hooks for other services come in packages: install one with pip, then start again.',
        ),
      }}
    />
  )
}
