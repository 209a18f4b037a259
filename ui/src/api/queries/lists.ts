/** Long lists: one page after the other as one scrolls. */
import { useInfiniteQuery, type InfiniteData, type QueryKey, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { get, type Query, ui, v1 } from '../client'

export type RunRow = {
  dag_id: string
  run_id: string
  state: string
  type: string
  /** Epoch seconds, as all times here. */
  logical: number | null
  queued: number | null
  start: number | null
  end: number | null
  note: string | null
  conf: boolean
  perms: string
}

export type TaskRow = {
  dag_id: string
  run_id: string
  task_id: string
  map_index: number
  state: string | null
  try: number
  max_tries: number
  logical: number | null
  queued: number | null
  start: number | null
  end: number | null
  duration: number | null
  op: string
  pool: string
  slots: number
  queue: string
  host: string
  note: string | null
  perms: string
}

export type XComRow = {
  dag_id: string
  run_id: string
  task_id: string
  map_index: number
  key: string
  at: number | null
  preview: string | null
  size: number | null
}

export type ListPage<Row> = { rows: Row[]; total: number }
export type ListData<Row> = InfiniteData<ListPage<Row>, number>

const PAGE = 100

export type List<Row> = {
  rows: readonly Row[] | undefined
  total: number | undefined
  error: unknown
  hasMore: boolean
  onMore: () => void
  reload: () => void
  isStale: boolean
}

/** A list of pages under `key`. Rows that moved to another page meanwhile are there once. */
export function usePages<Row>(
  key: QueryKey,
  load: (offset: number, limit: number, signal: AbortSignal) => Promise<ListPage<Row>>,
  keyOf: (row: Row) => string,
  enabled = true,
): List<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => load(pageParam, PAGE, signal),
    getNextPageParam: (last, all) => {
      const loaded = all.reduce((sum, page) => sum + page.rows.length, 0)
      return last.rows.length > 0 && loaded < last.total ? loaded : undefined
    },
    placeholderData: (old) => old,
    enabled,
  })
  const { data, fetchNextPage, isFetchingNextPage, refetch } = query
  const rows = useMemo(() => data && unique(data.pages, keyOf), [data, keyOf])
  return {
    rows,
    total: data?.pages.at(-1)?.total,
    error: query.error,
    hasMore: query.hasNextPage,
    onMore: useCallback(() => void (!isFetchingNextPage && fetchNextPage()), [fetchNextPage, isFetchingNextPage]),
    reload: useCallback(() => void refetch(), [refetch]),
    isStale: query.isPlaceholderData,
  }
}

/** The rows of all pages, each once. */
export function unique<Row>(pages: readonly ListPage<Row>[], keyOf: (row: Row) => string): Row[] {
  const seen = new Set<string>()
  const rows: Row[] = []
  for (const page of pages) {
    for (const row of page.rows) {
      const key = keyOf(row)
      if (seen.has(key)) continue
      seen.add(key)
      rows.push(row)
    }
  }
  return rows
}

/** A list of /ui/v1: `{rows, total}`. */
export const pagesOf =
  <Row>(path: string, query: Query) =>
  (offset: number, limit: number, signal: AbortSignal): Promise<ListPage<Row>> =>
    get(ui(path), { query: { ...query, offset, limit }, signal })

/** A list of the REST API, whose rows are under a name of their own. */
export const v1PagesOf =
  <Row>(path: string, name: string, query: Query = {}) =>
  async (offset: number, limit: number, signal: AbortSignal): Promise<ListPage<Row>> => {
    const body = await get<Record<string, unknown>>(v1(path), { query: { ...query, offset, limit }, signal })
    return { rows: body[name] as Row[], total: body.total_entries as number }
  }

const MOST_PAGES = 50

/** All rows of a short list of the REST API, which answers at most 100 at once. */
export async function all<Row>(path: string, name: string, signal?: AbortSignal): Promise<Row[]> {
  const load = v1PagesOf<Row>(path, name)
  const rows: Row[] = []
  for (let at = 0; at < MOST_PAGES; at++) {
    const page = await load(rows.length, PAGE, signal ?? new AbortController().signal)
    rows.push(...page.rows)
    if (page.rows.length === 0 || rows.length >= page.total) break
  }
  return rows
}

/** A short list as a whole, for filtering as one types. */
export function useAll<Row>(path: string, name: string, enabled = true) {
  return useQuery({
    queryKey: [name, 'all', path],
    queryFn: ({ signal }) => all<Row>(path, name, signal),
    enabled,
  })
}
