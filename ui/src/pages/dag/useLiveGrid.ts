/** Keeps the matrix true: events are patched into its bytes; what they cannot say is asked for as a difference. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { get, seg, ui } from '../../api/client'
import { type LiveEvent, useLive } from '../../api/events'
import { gridKey } from '../../api/queries/dag'
import { applyDelta, type GridDelta, type GridModel, patch, patchRun } from '../../grid/model'

const PAUSE_MS = 400

export function useLiveGrid(dagId: string, runs: number): void {
  const client = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const key = gridKey(dagId, runs)

  const fetchDifference = async () => {
    timer.current = undefined
    const model = client.getQueryData<GridModel>(key)
    if (!model) return
    const delta = await get<GridDelta>(ui(`/dags/${seg(dagId)}/grid`), {
      query: { runs, since: model.rev },
    })
    // Without "cells" the server knows that revision no more and has sent everything.
    const next = 'cells' in delta ? applyDelta(model, delta) : null
    if (next) client.setQueryData(key, next)
    else await client.invalidateQueries({ queryKey: key, exact: true })
  }
  const askSoon = () => {
    // A failure is not lost: the next event or the gap after the outage asks again.
    timer.current ??= setTimeout(() => void fetchDifference().catch(() => undefined), PAUSE_MS)
  }
  const onEvents = (events: readonly LiveEvent[]) => {
    const model = client.getQueryData<GridModel>(key)
    if (!model) return
    const isWhole = events.reduce((all, event) => take(model, event) && all, true)
    if (!isWhole) askSoon()
    // A shell of its own for the same bytes: that is how the cache notices.
    client.setQueryData<GridModel>(key, { ...model })
  }
  useLive([`dag:${dagId}`], onEvents, askSoon)
  useEffect(() => () => clearTimeout(timer.current), [])
}

/** Put an event into the model; false: it says less than is needed. */
function take(model: GridModel, event: LiveEvent): boolean {
  if (!event.run_id) return true
  const { state, at } = event
  if (event.type === 'run') {
    const when = at === null ? {} : isOver(state) ? { end: at } : state === 'running' ? { start: at } : {}
    return patchRun(model, event.run_id, {
      ...(state ? { state } : {}),
      ...when,
    })
  }
  if (event.type !== 'ti' || !event.task_id) return true
  return patch(model, {
    run: event.run_id,
    task: event.task_id,
    mapIndex: event.map_index,
    state,
    tryNumber: event.try_number,
  })
}

function isOver(state: string | null | undefined): boolean {
  return state === 'success' || state === 'failed'
}
