/** The list of DAGs: one answer, patched by events; and what the list does to DAGs. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast, toastError } from '../../kit/Toast'
import { number, t } from '../../kit/i18n'
import { LETTER_OF } from '../../kit/states'
import { del, get, patch, post, put, seg, ui, v1 } from '../client'
import { type LiveEvent, useLiveQuery } from '../events'

export type DagRow = {
  id: string
  name: string | null
  paused: boolean
  schedule: string
  cron_title: string
  timetable: string
  tags: string[]
  owners: string[]
  /** Epoch seconds. */
  next: number | null
  last: { run_id: string; state: string; start: number | null; end: number | null } | null
  /** Letters of the last runs, oldest first. */
  strip: string
  strip_d: (number | null)[]
  strip_ids: string[]
  /** Task instances of the latest run, by state. */
  ti: Record<string, number>
  starred: boolean
  import_error: boolean
  file: string
  folder: string
  active: number
  max_active: number
  perms: string
}

export type DagList = { dags: DagRow[]; total: number }

export const DAGS = ['dags'] as const

export function useDags() {
  useLiveQuery<DagList>(DAGS, ['dags'], patchDags)
  return useQuery({
    queryKey: DAGS,
    queryFn: ({ signal }) => get<DagList>(ui('/dags'), { signal }),
    staleTime: 60_000,
  })
}

/** The list after a change. Runs move their bar; a new one is added at the end. */
export function patchDags(old: DagList, event: LiveEvent): DagList {
  const at = old.dags.findIndex((dag) => dag.id === event.dag_id)
  const row = old.dags[at]
  if (!row) return old
  const next = patchRow(row, event)
  if (next === row) return old
  const dags = old.dags.slice()
  dags[at] = next
  return { ...old, dags }
}

const SHOWN_RUNS = 20

function patchRow(row: DagRow, event: LiveEvent): DagRow {
  if (event.type === 'dag') {
    if (event.kind.endsWith('paused')) return { ...row, paused: !event.kind.endsWith('unpaused') }
    return row
  }
  if (event.type !== 'run' || !event.run_id || !event.state) return row
  const letter = LETTER_OF[event.state] ?? 'n'
  const at = row.strip_ids.indexOf(event.run_id)
  const known = at >= 0
  const isOpen = event.state === 'running' || event.state === 'queued'
  const wasOpen = known && 'rq'.includes(row.strip[at] ?? '')
  const active = Math.max(0, row.active + (isOpen && !wasOpen ? 1 : 0) - (!isOpen && wasOpen ? 1 : 0))
  const started = row.last?.run_id === event.run_id ? row.last.start : event.at
  const last =
    !known || at === row.strip_ids.length - 1
      ? { run_id: event.run_id, state: event.state, start: started, end: isOpen ? null : event.at }
      : row.last
  if (known) {
    const strip = row.strip.slice(0, at) + letter + row.strip.slice(at + 1)
    const took = !isOpen && last?.start && event.at ? event.at - last.start : (row.strip_d[at] ?? null)
    return { ...row, strip, strip_d: row.strip_d.map((d, i) => (i === at ? took : d)), active, last }
  }
  return {
    ...row,
    strip: (row.strip + letter).slice(-SHOWN_RUNS),
    strip_d: [...row.strip_d, null].slice(-SHOWN_RUNS),
    strip_ids: [...row.strip_ids, event.run_id].slice(-SHOWN_RUNS),
    ti: {},
    active,
    last,
  }
}

const change = (client: QueryClient, ids: ReadonlySet<string>, part: Partial<DagRow>) =>
  client.setQueryData<DagList>(DAGS, (old) =>
    old ? { ...old, dags: old.dags.map((dag) => (ids.has(dag.id) ? { ...dag, ...part } : dag)) } : old,
  )

/** Pause, resume, star: shown at once, taken back when the server says no. */
export function useDagListActions() {
  const client = useQueryClient()
  const pause = async (id: string, paused: boolean, withUndo = true): Promise<void> => {
    change(client, new Set([id]), { paused })
    try {
      await patch(v1(`/dags/${seg(id)}`), { is_paused: paused })
      if (!withUndo) return
      toast({
        text: paused ? t('dag.paused', 'Paused {dag}', { dag: id }) : t('dag.resumed', 'Resumed {dag}', { dag: id }),
        undo: () => void pause(id, !paused, false),
      })
    } catch (problem) {
      change(client, new Set([id]), { paused: !paused })
      toastError(t('dag.pauseFailed', 'The DAG was not changed'), problem)
    }
  }
  const star = async (id: string, starred: boolean): Promise<void> => {
    change(client, new Set([id]), { starred })
    try {
      await (starred ? put(v1(`/dags/${seg(id)}/star`)) : del(v1(`/dags/${seg(id)}/star`)))
      void client.invalidateQueries({ queryKey: ['home'] })
    } catch (problem) {
      change(client, new Set([id]), { starred: !starred })
      toastError(t('dag.starFailed', 'The star was not kept'), problem)
    }
  }
  const reparse = async (row: DagRow): Promise<void> => {
    try {
      const dag = await get<{ file_token: string }>(v1(`/dags/${seg(row.id)}`))
      await put(v1(`/parseDagFile/${seg(dag.file_token)}`))
      toast({ text: t('dag.reparsing', 'The file of {dag} is parsed again', { dag: row.id }), tone: 'ok' })
    } catch (problem) {
      toastError(t('dag.reparseFailed', 'The file is not parsed again'), problem)
    }
  }
  return { pause, star, reparse }
}

export type DagsAction = 'pause' | 'unpause' | 'trigger' | 'delete'

/** One request for any number of DAGs. */
export function useBulkDags() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (wish: { action: DagsAction; ids: string[] }) =>
      post<{ total: number; applied: number; refused: { dag_id: string; reason: string }[] }>(v1('/dags/bulk'), {
        action: wish.action,
        filter: { dag_ids: wish.ids },
        dry_run: false,
      }),
    onSuccess: (answer, { action }) => {
      const text = t(`dags.done.${action}`, DONE[action], { n: number(answer.applied) })
      const refused = answer.refused.length
        ? ` · ${t('dags.refused', '{n} refused: {why}', { n: answer.refused.length, why: answer.refused[0]?.reason ?? '' })}`
        : ''
      toast({ text: text + refused, tone: refused ? 'danger' : 'ok' })
      void client.invalidateQueries({ queryKey: DAGS })
    },
    onError: (problem) => toastError(t('dags.bulkFailed', 'Nothing was changed'), problem),
  })
}

const DONE: Readonly<Record<DagsAction, string>> = {
  pause: '{n} DAGs paused',
  unpause: '{n} DAGs resumed',
  trigger: '{n} DAGs triggered',
  delete: '{n} DAGs deleted',
}
