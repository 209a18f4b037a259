/** Two confs, path by path: what is added, gone, other. */
import { useState } from 'react'
import { cx } from '../kit/cx'
import { plural, t } from '../kit/i18n'
import styles from './Dialogs.module.css'
import { type Change, diffJson, type PathDiff } from './diff'
import type { Json } from './fields'

const SIGNS: Record<Change, string> = { same: ' ', added: '+', removed: '−', changed: '≠' }
const WORDS: Record<Change, string> = {
  same: 'same',
  added: 'only on the right',
  removed: 'only on the left',
  changed: 'different',
}

export function ConfDiff(props: { before: Json | undefined; after: Json | undefined; names?: [string, string] }) {
  const [all, setAll] = useState(false)
  const rows = diffJson(props.before ?? {}, props.after ?? {})
  const same = rows.filter((row) => row.change === 'same').length
  const shown = all ? rows : rows.filter((row) => row.change !== 'same')
  return (
    <div className={styles.diff}>
      {shown.length === 0 ? (
        <p className="muted">{t('diff.none', 'No difference')}</p>
      ) : (
        <table>
          <thead className={props.names === undefined ? 'visually-hidden' : undefined}>
            <tr>
              <td />
              <th scope="col">{t('diff.path', 'Key')}</th>
              <th scope="col">{props.names?.[0] ?? t('diff.before', 'Now')}</th>
              <th scope="col">{props.names?.[1] ?? t('diff.after', 'There')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <DiffRow key={row.path} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {same > 0 && (
        <button type="button" className={styles.link} onClick={() => setAll(!all)}>
          {all
            ? t('diff.hide', 'Hide what is the same')
            : t('diff.show', '{n} the same', { n: plural(same, 'value', 'values') })}
        </button>
      )}
    </div>
  )
}

function DiffRow({ row }: { row: PathDiff }) {
  return (
    <tr className={cx(styles[row.change])}>
      <td>
        <span aria-hidden="true">{SIGNS[row.change]}</span>
        <span className="visually-hidden">{WORDS[row.change]}</span>
      </td>
      <th scope="row">{row.path}</th>
      <td>{row.before === undefined ? '' : JSON.stringify(row.before)}</td>
      <td>{row.after === undefined ? '' : JSON.stringify(row.after)}</td>
    </tr>
  )
}
