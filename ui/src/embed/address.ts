/** What a frame shows and how, from its URL. Pure. */
import type { Json } from '../forms/fields'
import { confOf } from '../pages/trigger/conf'

export type EmbedView =
  | { kind: 'list'; tag: string | null }
  | { kind: 'dag'; dagId: string }
  | { kind: 'run'; dagId: string; runId: string }
  | { kind: 'task'; dagId: string; runId: string; taskId: string; mapIndex: number }

const SHAPE = /^dags\/([^/]+)(?:\/runs\/([^/]+)(?:\/tasks\/([^/]+)(?:\/mapped\/(\d+))?)?)?(?:\/\w+)?$/

/** `path` is below the base path, without a slash at its begin. */
export function viewOf(path: string, params: URLSearchParams): EmbedView {
  const match = SHAPE.exec(path.replace(/\/+$/, ''))
  const text = (index: number) => decodeURIComponent(match?.[index] ?? '')
  const [dagId, runId, taskId] = [text(1), text(2), text(3)]
  if (match === null || dagId === '') return { kind: 'list', tag: params.get('tag') }
  if (taskId !== '')
    return { kind: 'task', dagId, runId, taskId, mapIndex: match[4] === undefined ? -1 : Number(match[4]) }
  return runId === '' ? { kind: 'dag', dagId } : { kind: 'run', dagId, runId }
}

export type EmbedOptions = {
  theme: 'light' | 'dark' | 'auto'
  accent: string | null
  lang: string | null
  tz: string | null
  density: 'compact' | 'normal' | 'roomy' | null
  hidden: ReadonlySet<string>
  conf: Record<string, Json> | null
  locked: ReadonlySet<string>
}

/** Colours are taken as hex only: anything else might be more than a colour. */
const COLOR = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i
const ZONE = /^[A-Za-z_+-]+(\/[A-Za-z0-9_+-]+)*$/

export function optionsOf(params: URLSearchParams): EmbedOptions {
  const among = <T extends string>(name: string, values: readonly T[]): T | null =>
    values.find((value) => value === params.get(name)) ?? null
  const accent = COLOR.exec(params.get('accent') ?? '')
  const tz = params.get('tz') ?? ''
  return {
    theme: among('theme', ['light', 'dark', 'auto'] as const) ?? 'auto',
    accent: accent === null ? null : `#${accent[1]}`,
    lang: /^[a-z]{2}(-[A-Za-z]{2,4})?$/.test(params.get('lang') ?? '') ? params.get('lang') : null,
    tz: ZONE.test(tz) ? tz : null,
    density: among('density', ['compact', 'normal', 'roomy'] as const),
    hidden: listOf(params.get('hide')),
    conf: params.has('conf') ? confOf(new URLSearchParams({ conf: params.get('conf') ?? '' })) : null,
    locked: listOf(params.get('lock')),
  }
}

function listOf(text: string | null): ReadonlySet<string> {
  return new Set((text ?? '').split(',').filter((part) => part !== ''))
}
