/** The keys that work on this page. */
import { Fragment } from 'react'
import { Dialog } from '../kit/Dialog'
import { t } from '../kit/i18n'
import type { Binding } from '../kit/keys'
import { setPrefs, usePrefs } from '../kit/prefs'
import { Switch } from '../kit/Switch'
import styles from './KeySheet.module.css'

const NAMES: Record<string, string> = {
  ctrl: 'ctrl',
  shift: '⇧',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'esc',
  Space: 'space',
}

export function KeySheet({ bindings, onClose }: { bindings: readonly Binding[]; onClose: () => void }) {
  const { singleKeys } = usePrefs()
  const groups = new Map<string, Binding[]>()
  for (const binding of bindings) {
    const group = binding.group ?? t('keys.page', 'This page')
    groups.set(group, [...(groups.get(group) ?? []), binding])
  }
  return (
    <Dialog open onClose={onClose} title={t('keys.title', 'Keyboard shortcuts')} width={760}>
      <div className={styles.columns}>
        {[...groups].map(([group, list]) => (
          <section key={group} className={styles.group}>
            <h3>{group}</h3>
            <dl>
              {list.map((binding) => (
                <div key={binding.keys} className={styles.line}>
                  <dt>{binding.label}</dt>
                  <dd>
                    <Keys keys={binding.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={styles.foot}>
        <Switch
          checked={singleKeys}
          onChange={(on) => setPrefs({ singleKeys: on })}
          label={t('prefs.keys', 'Single-letter keys')}
          showLabel={t(
            'keys.single',
            'Single-letter keys are on; turn them off if you dictate or press keys by accident',
          )}
        />
      </div>
    </Dialog>
  )
}

/** "g d" and "ctrl+k" as keys. */
export function Keys({ keys }: { keys: string }) {
  return keys.split(' ').map((press, i) => (
    <Fragment key={`${press}${i}`}>
      {i > 0 && <span className="muted"> {t('keys.then', 'then')} </span>}
      {press.split('+').map((key, j) => (
        <Fragment key={`${key}${j}`}>
          {j > 0 && ' '}
          <kbd>{NAMES[key] ?? (key || '+')}</kbd>
        </Fragment>
      ))}
    </Fragment>
  ))
}
