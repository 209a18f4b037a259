/** Two panes beside each other with a grip between; either can be folded away. The place of the grip is remembered. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { IconButton } from '../../kit/Button'
import { t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { remember, remembered } from '../../kit/store'
import styles from './dag.module.css'

const LEAST = 25
const MOST = 80

/** Whether the window is too narrow for two panes. */
export function useNarrow(): boolean {
  const [is, set] = useState(() => matchMedia('(max-width: 899px)').matches)
  useEffect(() => {
    const media = matchMedia('(max-width: 899px)')
    const changed = () => set(media.matches)
    media.addEventListener('change', changed)
    return () => media.removeEventListener('change', changed)
  }, [])
  return is
}

type Folded = 'left' | 'right' | null

export function Split({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(() => remembered('dag.split', 55))
  const [folded, setFolded] = useState<Folded>(() => remembered<Folded>('dag.folded', null))
  const box = useRef<HTMLDivElement>(null)
  const fold = (next: Folded) => {
    setFolded(next)
    remember('dag.folded', next)
  }
  const move = (next: number) => {
    const fitting = Math.round(Math.max(LEAST, Math.min(MOST, next)) * 10) / 10
    setShare(fitting)
    remember('dag.split', fitting)
  }
  const group = t('keys.dag', 'DAG')
  useKeys([
    {
      keys: '[',
      label: t('dag.foldLeft', 'Fold or unfold the matrix'),
      group,
      run: () => fold(folded === 'left' ? null : 'left'),
    },
    {
      keys: ']',
      label: t('dag.foldRight', 'Fold or unfold the tabs'),
      group,
      run: () => fold(folded === 'right' ? null : 'right'),
    },
  ])
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const area = box.current?.getBoundingClientRect()
    if (!area || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    move(((event.clientX - area.left) / area.width) * 100)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by: Record<string, number> = { ArrowLeft: -2, ArrowRight: 2 }
    const step = by[event.key]
    if (step === undefined) return
    event.preventDefault()
    move(share + step)
  }
  return (
    <div ref={box} className={styles.split}>
      {folded !== 'left' && (
        <section
          className={styles.left}
          style={folded === 'right' ? { flex: 1 } : { width: `${share}%` }}
          aria-label={t('dag.matrix', 'Matrix')}
        >
          {left}
        </section>
      )}
      {folded === null ? (
        <div
          className={styles.grip}
          role="separator"
          aria-orientation="vertical"
          aria-label={t('dag.split', 'Width of the matrix')}
          aria-valuenow={Math.round(share)}
          aria-valuemin={LEAST}
          aria-valuemax={MOST}
          tabIndex={0}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
          onKeyDown={onKeyDown}
          onDoubleClick={() => move(55)}
        />
      ) : (
        <div className={styles.folded}>
          <IconButton
            size="sm"
            icon={folded === 'left' ? 'chevronRight' : 'chevronLeft'}
            label={
              folded === 'left' ? t('dag.showLeft', 'Show the matrix ([)') : t('dag.showRight', 'Show the tabs (])')
            }
            onClick={() => fold(null)}
          />
        </div>
      )}
      {folded !== 'right' && (
        <section className={styles.rest} aria-label={t('dag.details', 'Views')}>
          {right}
        </section>
      )}
    </div>
  )
}
