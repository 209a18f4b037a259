/** Resources by actions: what is granted, to be read or changed. */
import { useMemo } from 'react'
import { t } from '../../../kit/i18n'
import { Icon } from '../../../kit/icons'
import { FilteredEmpty } from '../../../kit/Placeholder'
import styles from '../shared/admin.module.css'
import { type Grants, grantOf } from './grants'

const SHORT: Readonly<Record<string, string>> = {
  can_read: 'Read',
  can_create: 'Create',
  can_edit: 'Edit',
  can_delete: 'Delete',
  menu_access: 'Menu',
}

export function Matrix(props: {
  label: string
  resources: readonly string[]
  actions: readonly string[]
  grants: Grants
  /** What was granted before: what differs is marked. */
  before?: Grants
  /** Where a permission is from. */
  titleOf?: (grant: string) => string | undefined
  search: string
  onClearSearch: () => void
  onToggle?: (grant: string, granted: boolean) => void
}) {
  const { actions, grants, before, onToggle } = props
  const text = props.search.trim().toLowerCase()
  const rows = useMemo(
    () => props.resources.filter((name) => name.toLowerCase().includes(text)),
    [props.resources, text],
  )
  if (rows.length === 0) return <FilteredEmpty onClear={props.onClearSearch} />
  return (
    <div className={styles.matrixBox} tabIndex={0} role="group" aria-label={props.label}>
      <table className={styles.matrix} aria-label={props.label}>
        <thead>
          <tr>
            <th scope="col" style={{ textAlign: 'start' }}>
              {t('role.resource', 'Resource')}
            </th>
            {actions.map((action) => (
              <th key={action} scope="col" title={action}>
                {SHORT[action] ?? action}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((resource) => (
            <tr key={resource}>
              <th scope="row">{resource}</th>
              {actions.map((action) => {
                const grant = grantOf(action, resource)
                const has = grants.has(grant)
                const name = `${action} ${resource}`
                return (
                  <td
                    key={action}
                    data-changed={before && before.has(grant) !== has ? true : undefined}
                    title={props.titleOf?.(grant)}
                  >
                    {onToggle ? (
                      <input
                        type="checkbox"
                        aria-label={name}
                        checked={has}
                        onChange={(event) => onToggle(grant, event.target.checked)}
                      />
                    ) : has ? (
                      <span className={styles.good} role="img" aria-label={t('role.granted', 'granted')}>
                        <Icon name="check" size={14} />
                      </span>
                    ) : null}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
