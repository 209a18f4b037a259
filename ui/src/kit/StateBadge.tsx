/** States as they are seen: a cell (colour and glyph), a badge (cell and word), counts, and the strip of last runs. */
import { type CSSProperties, memo, type ReactNode } from 'react'
import { Link } from 'react-router'
import { cx } from './cx'
import { number } from './i18n'
import styles from './StateBadge.module.css'
import { LETTERS, STATES, type State, stateLabel, stateOf } from './states'

const varsOf = (state: State): CSSProperties =>
  ({
    '--fill': `var(--st-${state})`,
    '--ink': `var(--st-${state}-ink)`,
    '--ink-text': `var(--st-${state}-text, var(--ink))`,
    '--glyph': `var(--st-${state}-glyph, #fff)`,
    '--mask': `var(--st-${state}-mask)`,
  }) as CSSProperties

/** The coloured square with its glyph. `label` names it to a screen reader; leave it out beside a word. */
export const StateCell = memo(function StateCell(props: {
  state: string | null | undefined
  size?: number
  label?: string
}) {
  const state = stateOf(props.state)
  const size = props.size ?? 14
  return (
    <span
      className={cx(styles.cell, styles[state])}
      style={{ ...varsOf(state), width: size, height: size }}
      data-state-fill={state}
      {...(props.label ? { role: 'img', 'aria-label': props.label, title: props.label } : { 'aria-hidden': true })}
    />
  )
})

/** Cell and word, as tall as the text around. `reason` goes into the tooltip: why it waits. `text` replaces the word;
 * `strong`: it is what the place is about. */
export function StateBadge(props: {
  state: string | null | undefined
  text?: ReactNode
  reason?: string | null
  strong?: boolean
}) {
  const state = stateOf(props.state)
  return (
    <span
      className={cx(styles.badge, props.strong && styles.strong)}
      style={varsOf(state)}
      title={props.reason ?? undefined}
    >
      <StateCell state={state} />
      <span className={styles.word}>{props.text ?? stateLabel(state)}</span>
    </span>
  )
}

/** Counts per state, worst first; each is a link when `hrefOf` says where to. */
export function StateCounts(props: {
  counts: Readonly<Record<string, number>>
  hrefOf?: (state: State) => string
  max?: number
}) {
  const shown = STATES.filter((state) => (props.counts[state] ?? 0) > 0).slice(0, props.max ?? 15)
  return (
    <span className={styles.counts}>
      {shown.map((state) => {
        const n = props.counts[state] ?? 0
        const label = `${number(n)} ${stateLabel(state).toLowerCase()}`
        const inner = (
          <>
            <StateCell state={state} size={12} />
            {number(n)}
          </>
        )
        return props.hrefOf ? (
          <Link key={state} to={props.hrefOf(state)} className={styles.count} aria-label={label} title={label}>
            {inner}
          </Link>
        ) : (
          <span key={state} className={styles.count} title={label}>
            {inner}
            <span className="visually-hidden">{stateLabel(state)}</span>
          </span>
        )
      })}
    </span>
  )
}

const BAR = 6
const GAP = 2
const HEIGHT = 20
/** Below the bars: a foot under those that failed, for whoever does not tell red from green. */
const FOOT = 4
const FOOTED: ReadonlySet<State> = new Set(['failed', 'upstream_failed'])

/** The last runs, oldest first, as bars: one letter of the compact strings each; height is the duration. One SVG path
 * per state, so a row of the list costs few nodes. `onPick` gets the index of the bar that was clicked. */
export const StateStrip = memo(function StateStrip(props: {
  strip: string
  durations?: readonly (number | null)[] | undefined
  slots?: number
  label?: string
  onPick?: (index: number) => void
}) {
  const slots = props.slots ?? 20
  const strip = props.strip.slice(-slots)
  const skipped = props.strip.length - strip.length
  const longest = Math.max(1, ...(props.durations ?? []).map((d) => d ?? 0))
  const width = slots * (BAR + GAP)
  const paths = new Map<State, string>()
  const counts: Partial<Record<State, number>> = {}
  for (let i = 0; i < strip.length; i++) {
    const state = LETTERS[strip[i] ?? 'n'] ?? 'none'
    const duration = props.durations?.[i + skipped] ?? 0
    const height = props.durations ? Math.max(4, Math.round(HEIGHT * Math.sqrt(duration / longest))) : HEIGHT
    const x = width - (strip.length - i) * (BAR + GAP)
    const foot = FOOTED.has(state) ? `M${x} ${HEIGHT + 2}h${BAR}v2h-${BAR}z` : ''
    paths.set(state, `${paths.get(state) ?? ''}M${x} ${HEIGHT - height}h${BAR}v${height}h-${BAR}z${foot}`)
    counts[state] = (counts[state] ?? 0) + 1
  }
  const words = Object.entries(counts).map(([state, n]) => `${n} ${stateLabel(state).toLowerCase()}`)
  const pick = (event: React.MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const slot = Math.floor((event.clientX - box.left) / (BAR + GAP))
    const index = slot - (slots - strip.length)
    if (index >= 0 && index < strip.length) props.onPick?.(index + skipped)
  }
  return (
    <svg
      className={cx(styles.strip, props.onPick && styles.clickable)}
      width={width}
      height={HEIGHT + FOOT}
      role="img"
      aria-label={props.label ?? (words.length ? `Last ${strip.length} runs: ${words.join(', ')}` : 'No runs yet')}
      onClick={props.onPick && pick}
    >
      {[...paths].map(([state, d]) => (
        <path
          key={state}
          d={d}
          data-state-fill={state}
          style={{ fill: `var(--st-${state})`, stroke: `var(--st-${state}-ink)` }}
        />
      ))}
    </svg>
  )
})

/** The legend: every state with its count; hovering tells `onHover`, clicking `onPick`. */
export function StateLegend(props: {
  counts: Readonly<Record<string, number>>
  selected?: ReadonlySet<string>
  onHover?: (state: State | null) => void
  onPick?: (state: State) => void
}) {
  return (
    <div className={styles.legend}>
      {STATES.filter((state) => (props.counts[state] ?? 0) > 0).map((state) => (
        <button
          key={state}
          type="button"
          className={styles.legendItem}
          aria-pressed={props.selected?.has(state) ?? false}
          onMouseEnter={() => props.onHover?.(state)}
          onMouseLeave={() => props.onHover?.(null)}
          onFocus={() => props.onHover?.(state)}
          onBlur={() => props.onHover?.(null)}
          onClick={() => props.onPick?.(state)}
        >
          <StateCell state={state} size={12} />
          {stateLabel(state)} <span className="muted">{number(props.counts[state] ?? 0)}</span>
        </button>
      ))}
    </div>
  )
}
