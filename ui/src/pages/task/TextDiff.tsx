/** Lines of two texts: gone, new, same. */
import type { LineDiff } from '../../forms/diff'
import { cx } from '../../kit/cx'
import { plural, t } from '../../kit/i18n'
import styles from './Task.module.css'

const SIGNS = { same: ' ', added: '+', removed: '−' } as const

export function TextDiff({ lines }: { lines: readonly (LineDiff | { gap: number })[] }) {
  if (lines.every((line) => 'gap' in line)) return <p className={styles.same}>{t('diff.none', 'No difference')}</p>
  return (
    <pre className={styles.diff}>
      {lines.map((line, index) =>
        'gap' in line ? (
          <span key={index} className={styles.gap}>
            {t('diff.gap', '{n} the same', { n: plural(line.gap, 'line', 'lines') })}
          </span>
        ) : (
          <span key={index} className={cx(styles.diffLine, styles[`diff_${line.change}`])}>
            <span aria-hidden="true">{SIGNS[line.change]} </span>
            {line.change !== 'same' && (
              <span className="visually-hidden">
                {line.change === 'added' ? t('diff.added', 'New:') : t('diff.gone', 'Gone:')}
              </span>
            )}
            {line.text}
          </span>
        ),
      )}
    </pre>
  )
}
