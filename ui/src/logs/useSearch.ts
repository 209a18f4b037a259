/** The search box: matches in what is here, then (n, N) in the rest of the file. */
import { type RefObject, useEffect, useMemo, useState } from 'react'
import { number as grouped, t } from '../kit/i18n'
import { type PaneHandle, type PaneView, usePaneView } from './LogPane'
import { messageOf } from './lines'
import type { RowFilter } from './rows'
import { compile, matchingRows, step } from './search'
import type { LogSession, LogState } from './session'

export type Search = {
  text: string
  setText: (text: string) => void
  regex: boolean
  setRegex: (regex: boolean) => void
  only: boolean
  setOnly: (only: boolean) => void
  pattern: RegExp | null
  error: string | null
  /** The filter with the text in it, when only matches are shown. */
  filter: RowFilter
  view: PaneView
  current: number
  status: string
  go: (forward: boolean) => void
}

export function useSearch(
  session: LogSession,
  log: LogState,
  base: RowFilter,
  flipped: ReadonlySet<number>,
  handle: RefObject<PaneHandle | null>,
): Search {
  const [text, setText] = useState('')
  const [regex, setRegex] = useState(false)
  const [only, setOnly] = useState(false)
  const [current, setCurrent] = useState(-1)
  const [nothing, setNothing] = useState(false)
  const { pattern, error } = useMemo(() => compile({ text, regex }), [text, regex])
  const filter = useMemo<RowFilter>(
    () => ({ ...base, only: only ? pattern : null, unfold: pattern !== null }),
    [base, only, pattern],
  )
  const view = usePaneView(log.window, filter, flipped)
  const matches = useMemo(() => matchingRows(view.lines, view.rows, pattern), [view, pattern])

  useEffect(() => {
    setCurrent(-1)
    setNothing(false)
  }, [text, regex])

  const go = (forward: boolean) => {
    if (pattern === null) return
    const from = current >= 0 ? current : (handle.current?.top() ?? 0) - 1
    const next = step(matches, from, forward)
    const wrapped = next < 0 || (forward ? next <= from : next >= from)
    const more = forward ? session.hasLater : session.hasEarlier
    if (wrapped && more) {
      setNothing(false)
      void session.scan((line) => pattern.test(messageOf(line)), forward).then((found) => setNothing(!found))
      return
    }
    if (next < 0) return
    setCurrent(next)
    handle.current?.reveal(next)
  }
  const at = matches.indexOf(current)
  const count = `${at >= 0 ? `${at + 1}/` : ''}${grouped(matches.length)}`
  const status = error ?? (text === '' ? '' : nothing ? t('log.noMore', 'no more') : count)
  return { text, setText, regex, setRegex, only, setOnly, pattern, error, filter, view, current, status, go }
}
