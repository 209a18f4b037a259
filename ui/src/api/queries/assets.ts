/** Datasets: who makes and who waits for each, and what happened to one. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { get, post, ui, v1 } from '../client'
import { useLive } from '../events'

export type Asset = {
  id: number
  uri: string
  extra: Record<string, unknown>
  orphaned: boolean
  /** Epoch seconds, as all times here. */
  created: number | null
  updated: number | null
  last_event: number | null
  events: number | null
  /** `ready` of `needs` datasets have news for the DAG's next run; whether this one is among them. */
  consumers: { dag_id: string; ready: number; needs: number; has_this: boolean }[]
  producers: { dag_id: string; task_id: string }[]
}

export type AssetEvent = {
  id: number
  at: number | null
  extra: Record<string, unknown>
  dag_id: string | null
  run_id: string | null
  task_id: string | null
  map_index: number | null
  runs: { dag_id: string; run_id: string; state: string }[]
}

const PAUSE = 1_000

function useLiveAssets(): void {
  const client = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const refresh = () => void client.invalidateQueries({ queryKey: ['assets'] })
  // An event of a dataset moves the queues of all its consumers: what that means only the server knows.
  useLive(
    ['assets'],
    () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        refresh()
      }, PAUSE)
    },
    refresh,
  )
}

export function useAssets(enabled: boolean) {
  useLiveAssets()
  return useQuery({
    queryKey: ['assets', 'list'],
    queryFn: ({ signal }) => get<{ assets: Asset[]; total: number }>(ui('/assets'), { signal }),
    enabled,
  })
}

export function useAsset(id: string, enabled: boolean) {
  useLiveAssets()
  return useQuery({
    queryKey: ['assets', 'one', id],
    queryFn: ({ signal }) =>
      get<{ asset: Asset; events: AssetEvent[] }>(ui(`/assets/${encodeURIComponent(id)}`), { signal }),
    enabled,
  })
}

export const createAssetEvent = (uri: string, extra: unknown): Promise<unknown> =>
  post(v1('/datasets/events'), { dataset_uri: uri, extra })
