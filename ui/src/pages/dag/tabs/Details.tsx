/** All attributes of the DAG, searchable and copyable. */
import type { ReactNode } from 'react'
import { IconButton } from '../../../kit/Button'
import { SearchInput } from '../../../kit/Field'
import { t } from '../../../kit/i18n'
import { JsonTree } from '../../../kit/JsonTree'
import { Facts } from '../../../kit/Page'
import { FilteredEmpty, Skeleton } from '../../../kit/Placeholder'
import { toast } from '../../../kit/Toast'
import { useUrlState } from '../../../kit/useUrlState'
import { useDag } from '../context'
import styles from '../dag.module.css'

const STATE = { attr: '' }

export default function Details() {
  const { head } = useDag()
  const [state, setState] = useUrlState(STATE)
  if (!head) return <Skeleton rows={12} />
  const { details, doc_md: _, ...own } = head
  const all = Object.entries({ ...own, ...details }).sort(([a], [b]) => a.localeCompare(b))
  const wanted = state.attr.toLowerCase()
  const shown = all.filter(([name, value]) => `${name} ${JSON.stringify(value)}`.toLowerCase().includes(wanted))
  const copy = () =>
    void navigator.clipboard
      .writeText(JSON.stringify(Object.fromEntries(all), null, 2))
      .then(() => toast(t('details.copied', 'Copied as JSON')))
  return (
    <div className={styles.body}>
      <div className={styles.tools}>
        <SearchInput
          value={state.attr}
          onChange={(attr) => setState({ attr })}
          label={t('details.filter', 'Filter attributes')}
        />
        <span className={styles.spring} />
        <IconButton icon="copy" label={t('details.copy', 'Copy all as JSON')} onClick={copy} />
      </div>
      {shown.length === 0 ? (
        <FilteredEmpty onClear={() => setState({ attr: '' })} />
      ) : (
        <Facts facts={shown.map(([name, value]) => [<code key={name}>{name}</code>, shownValue(value)] as const)} />
      )}
    </div>
  )
}

function shownValue(value: unknown): ReactNode {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'object')
    return Object.keys(value).length === 0 ? <span className="muted">empty</span> : <JsonTree value={value} />
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}
