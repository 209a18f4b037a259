/** The first page's answer: what failed, and how the house is. */
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { get, ui } from '../client'
import { useLive } from '../events'

export type InboxRow = {
  dag_id: string
  run_id: string
  task_id: string
  map_index: number
  state: string
  try: number
  max_tries: number
  /** Epoch seconds. */
  end: number | null
  error: string | null
  owner: string
  /** Task instances of the run that failed because of this one. */
  upstream_failed: number
  /** More failed ones of the same run. */
  more: number
  total_in_run: number
  perms: string
}

export type Home = {
  counts: {
    failed: number
    running: number
    queued_long: number
    late: number
    import_errors: number
    assets_waiting: number
  }
  since: number
  inbox: InboxRow[]
  last_failure: { dag_id: string; run_id: string; end: number } | null
  health: { role: string; status: string; heartbeat: number | null; note: string }[]
  pools: {
    name: string
    slots: number
    running: number
    queued: number
    scheduled: number
    deferred: number
    open: number
  }[]
  next: { dag_id: string; at: number }[]
  starred: string[]
}

const PAUSE = 2_000

export function useHome(hours: number) {
  const query = useQuery({
    queryKey: ['home', hours],
    queryFn: ({ signal }) => get<Home>(ui('/home'), { query: { hours }, signal }),
    placeholderData: (previous) => previous,
  })
  // What a change means for the counts only the server knows: it is asked once for many changes.
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const soon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void query.refetch()
    }, PAUSE)
  }
  useLive(['dags', 'health'], soon, () => void query.refetch())
  return query
}
