/** A JSON value as a tree that opens; long text and long lists are cut until asked for. */
import { useState } from 'react'
import { IconButton } from './Button'
import { cx } from './cx'
import { number, t } from './i18n'
import styles from './JsonTree.module.css'
import { toast } from './Toast'

const SHOWN = 100
const LONGEST = 400

/** `open`: how many levels are open at first. */
export function JsonTree(props: { value: unknown; open?: number; label?: string; noCopy?: boolean }) {
  const copy = () => {
    const text = typeof props.value === 'string' ? props.value : JSON.stringify(props.value, null, 2)
    void navigator.clipboard.writeText(text).then(() => toast(t('copied', 'Copied')))
  }
  return (
    <div className={styles.box} aria-label={props.label} role="group">
      <Node value={props.value} open={props.open ?? 1} />
      {!props.noCopy && (
        <span className={styles.copy}>
          <IconButton icon="copy" size="sm" label={t('copy', 'Copy')} onClick={copy} />
        </span>
      )}
    </div>
  )
}

function Node({ name, value, open }: { name?: string; value: unknown; open: number }) {
  const isList = Array.isArray(value)
  if (value === null || typeof value !== 'object')
    return (
      <div className={styles.leaf}>
        {name !== undefined && <span className={styles.name}>{name}: </span>}
        <Scalar value={value} />
      </div>
    )
  const entries = isList ? value.map((one, i) => [String(i), one] as const) : Object.entries(value)
  return <Branch name={name} entries={entries} isList={isList} open={open} />
}

function Branch(props: {
  name?: string
  entries: readonly (readonly [string, unknown])[]
  isList: boolean
  open: number
}) {
  const [isOpen, setOpen] = useState(props.open > 0)
  const [shown, setShown] = useState(SHOWN)
  const { entries, isList } = props
  const summary = isList ? `[${number(entries.length)}]` : `{${number(entries.length)}}`
  if (entries.length === 0)
    return (
      <div className={styles.leaf}>
        {props.name !== undefined && <span className={styles.name}>{props.name}: </span>}
        <span className="muted">{isList ? '[]' : '{}'}</span>
      </div>
    )
  return (
    <div>
      <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className={styles.arrow} aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
        {props.name !== undefined && <span className={styles.name}>{props.name}: </span>}
        <span className="muted">{summary}</span>
      </button>
      {isOpen && (
        <div className={styles.children}>
          {entries.slice(0, shown).map(([name, value]) => (
            <Node key={name} name={name} value={value} open={props.open - 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className={styles.toggle} onClick={() => setShown(shown + 10 * SHOWN)}>
              {t('json.more', '… {n} more', { n: number(entries.length - shown) })}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function Scalar({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false)
  if (typeof value !== 'string')
    return <span className={cx(styles[typeof value], value === null && styles.null)}>{String(value)}</span>
  const isLong = value.length > LONGEST && !isWhole
  return (
    <span className={styles.string}>
      "{isLong ? value.slice(0, LONGEST) : value}"
      {isLong && (
        <button type="button" className={styles.toggle} onClick={() => setWhole(true)}>
          {t('json.rest', '… {n} characters more', { n: number(value.length - LONGEST) })}
        </button>
      )}
    </span>
  )
}
