/** Where a whole log is saved from, and as what. */
import { seg, urlOf, v1 } from '../api/client'
import { type LogSource, logPath, logQuery } from './useLog'

/** REST gives a try's log whole; the merged log has no other form than its own. */
export function downloadUrl(source: LogSource): string {
  if (source.kind === 'run') return urlOf(logPath(source), { ...logQuery(source), limit: 1_000_000_000 })
  const run = `/dags/${seg(source.dagId)}/dagRuns/${seg(source.runId)}`
  const path = `${run}/taskInstances/${seg(source.taskId)}/logs/${source.tryNumber}`
  return urlOf(v1(path), { full_content: true, ...(source.mapIndex >= 0 && { map_index: source.mapIndex }) })
}

export function fileName(source: LogSource): string {
  const parts =
    source.kind === 'run'
      ? [source.dagId, source.runId]
      : [
          source.dagId,
          source.runId,
          source.taskId,
          ...(source.mapIndex >= 0 ? [source.mapIndex] : []),
          source.tryNumber,
        ]
  return `${parts.join('_').replace(/[^\w.+-]+/g, '-')}.log`
}
