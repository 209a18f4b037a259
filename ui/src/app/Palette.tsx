/** ctrl+K: one box that finds everything and does the common things. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { get, patch, seg, ui, v1 } from '../api/client'
import { cx } from '../kit/cx'
import { Dialog } from '../kit/Dialog'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { nextIndex } from '../kit/Menu'
import { prefs, setPrefs } from '../kit/prefs'
import { remember, remembered } from '../kit/store'
import { toast, toastError } from '../kit/Toast'
import { visiblePlaces } from './nav'
import styles from './Palette.module.css'
import { find, foundItems, type Item, itemsOf, parse, type SearchIndex } from './paletteItems'
import { signOut } from './session'

const RECENT = 12

export function Palette({ first, onClose }: { first: string; onClose: () => void }) {
  const [query, setQuery] = useState(first)
  const [active, setActive] = useState(0)
  const [recent, setRecent] = useState(() => remembered<string[]>('recent', []))
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const shown = useFound(query, recent)
  const run = useRun((to) => {
    const next = [to, ...recent.filter((one) => one !== to)].slice(0, RECENT)
    setRecent(next)
    remember('recent', next)
  }, onClose)
  const at = Math.min(active, shown.length - 1)
  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.key === 'Home' || event.key === 'End' ? null : nextIndex(event.key, at, shown.length)
    const item = shown[at]
    if (next !== null) setActive(next)
    else if (event.key === 'Enter' && item) run(item)
    else return
    event.preventDefault()
  }
  return (
    <Dialog open bare onClose={onClose} title={t('palette.title', 'Search and commands')} width={620}>
      <div className={styles.box}>
        <Icon name="search" />
        <input
          data-autofocus
          className={styles.input}
          role="combobox"
          aria-expanded={shown.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length ? `${id}-${at}` : undefined}
          aria-label={t('palette.label', 'Search DAGs, runs, datasets, variables, pages and actions')}
          placeholder={t('palette.placeholder', 'Search, or: run:  task:  trigger …  pause …  > action')}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>esc</kbd>
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        className={styles.list}
        role="listbox"
        aria-label={t('palette.results', 'Results')}
      >
        {shown.map((item, i) => (
          <div
            key={`${item.kind}:${item.label}:${item.sub ?? ''}`}
            id={`${id}-${i}`}
            data-at={i}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            className={cx(styles.item, i === at && styles.active)}
            onMouseMove={() => setActive(i)}
            onClick={() => run(item)}
          >
            <Icon name={item.icon} />
            <span className={styles.label}>{item.label}</span>
            {item.sub && <span className={styles.sub}>{item.sub}</span>}
            <span className={styles.kind}>{kindWord(item)}</span>
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className={styles.none}>
          {query.trim()
            ? t('palette.none', 'Nothing found. Try fewer letters, or run: for a run and task: for a task.')
            : t('palette.start', 'Type a name. What you open will be listed here.')}
        </p>
      )}
      <div className={styles.foot} aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {t('palette.choose', 'choose')}
        </span>
        <span>
          <kbd>↵</kbd> {t('palette.open', 'open')}
        </span>
        <span className={styles.hint}>
          {t('palette.hint', 'trigger NAME · pause NAME · run: · task: · var: · conn: · >')}
        </span>
      </div>
    </Dialog>
  )
}

function kindWord(item: Item): string {
  if (item.kind === 'dag') return item.paused ? t('palette.dagPaused', 'DAG, paused') : 'DAG'
  return {
    page: t('palette.page', 'Page'),
    run: t('palette.run', 'Run'),
    task: t('palette.task', 'Task'),
    asset: t('palette.asset', 'Dataset'),
    connection: t('palette.connection', 'Connection'),
    variable: t('palette.variable', 'Variable'),
    pool: t('palette.pool', 'Pool'),
    action: t('palette.action', 'Action'),
    trigger: t('palette.action', 'Action'),
    pause: t('palette.action', 'Action'),
  }[item.kind]
}

type RecentRuns = { dag_runs: { dag_id: string; dag_run_id: string; state: string }[] }
const RECENT_RUNS = { order_by: '-start_date', limit: 100 }

/** The index comes with one request; tasks are asked for as one types, and "run:" brings the latest runs. */
function useFound(query: string, recent: readonly string[]): Item[] {
  const index = useQuery({
    queryKey: ['search'],
    queryFn: ({ signal }) => get<SearchIndex>(ui('/search'), { signal }),
    staleTime: 60_000,
  })
  const { kinds, verb, text } = parse(query)
  const asked = useDebounced(text.trim(), 150)
  const isAsked = !verb && asked.length > 1 && (!kinds || kinds.includes('task'))
  const more = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => get<SearchIndex>(ui('/search'), { query: { q: asked }, signal }),
    enabled: isAsked,
    placeholderData: (old) => old,
  })
  const runs = useQuery({
    queryKey: ['search', 'runs'],
    queryFn: ({ signal }) => get<RecentRuns>(v1('/dags/~/dagRuns'), { query: RECENT_RUNS, signal }),
    enabled: kinds?.includes('run') ?? false,
    staleTime: 15_000,
  })
  const items = useMemo(() => itemsOf(index.data ?? {}, visiblePlaces(), actions()), [index.data])
  const extra = useMemo(
    () => [
      ...(isAsked && more.data ? foundItems(more.data) : []),
      ...foundItems({ runs: (runs.data?.dag_runs ?? []).map((run) => [run.dag_id, run.dag_run_id, run.state]) }),
    ],
    [more.data, isAsked, runs.data],
  )
  const deferred = useDeferredValue(query)
  return useMemo(
    () => find(extra.length ? [...items, ...extra] : items, deferred, recent),
    [items, extra, deferred, recent],
  )
}

function useDebounced(value: string, ms: number): string {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}

function action(label: string, icon: Item['icon'], run: () => void): Item {
  return { kind: 'action', label, icon, text: label.toLowerCase(), run }
}

function actions(): Item[] {
  const { theme, density, railPinned } = prefs.get()
  return [
    action(t('act.dark', 'Dark theme'), 'moon', () => setPrefs({ theme: 'dark' })),
    action(t('act.light', 'Light theme'), 'sun', () => setPrefs({ theme: 'light' })),
    action(t('act.auto', 'Theme of the system'), 'sun', () => setPrefs({ theme: 'auto' })),
    ...(['compact', 'normal', 'roomy'] as const)
      .filter((one) => one !== density)
      .map((one) => action(t(`act.${one}`, `Density: ${one}`), 'browse', () => setPrefs({ density: one }))),
    action(railPinned ? t('act.unpin', 'Make the menu narrow') : t('act.pin', 'Keep the menu open'), 'pin', () =>
      setPrefs({ railPinned: !railPinned }),
    ),
    action(t('act.signOut', 'Sign out'), 'signOut', () => void signOut()),
  ].filter((one) => theme !== 'dark' || one.icon !== 'moon')
}

/** Does what an item stands for. */
function useRun(visited: (to: string) => void, onClose: () => void): (item: Item) => void {
  const navigate = useNavigate()
  const client = useQueryClient()
  const pause = async (dagId: string, isPaused: boolean): Promise<void> => {
    const words = isPaused
      ? t('palette.paused', '{id} is paused', { id: dagId })
      : t('palette.resumed', '{id} is active', { id: dagId })
    try {
      await patch(v1(`/dags/${seg(dagId)}`), { is_paused: isPaused }, { query: { update_mask: 'is_paused' } })
      toast({ text: words, tone: 'ok', undo: () => void pause(dagId, !isPaused) })
      await client.invalidateQueries({ queryKey: ['search'] })
    } catch (problem) {
      toastError(t('palette.notDone', 'Not done'), problem)
    }
  }
  return (item) => {
    onClose()
    if (item.kind === 'pause' && item.dagId) void pause(item.dagId, item.paused ?? true)
    else if (item.run) item.run()
    else if (item.to) {
      if (item.kind !== 'trigger') visited(item.to)
      navigate(item.to)
    }
  }
}
