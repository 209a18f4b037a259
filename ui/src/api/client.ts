/** Requests to the server: base path, CSRF token, problem documents as errors, and a sense of slow and gone. */
import { getBoot } from './boot'
import { reachability } from './reachability'

export type Query = Record<string, string | number | boolean | readonly (string | number)[] | null | undefined>

export type RequestOptions = { query?: Query; signal?: AbortSignal; headers?: Record<string, string> }

/** An answer that is not a success. `status` 0: there was none. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null = null,
    readonly body: unknown = null,
  ) {
    super(detail || title)
    this.name = 'ApiError'
  }
  get isGone(): boolean {
    return this.status === 404
  }
  get isForbidden(): boolean {
    return this.status === 403
  }
  get isOffline(): boolean {
    return this.status === 0
  }
}

/** A path of the REST API: `v1('/dags')`. */
export const v1 = (path: string): string => `/api/v1${path}`
/** A path of the aggregates: `ui('/home')`. */
export const ui = (path: string): string => `/ui/v1${path}`
/** One segment of a path; run ids contain plus and colon, DAG ids may contain anything. */
export const seg = (text: string): string => encodeURIComponent(text)

/** The absolute URL of a path, with the base path and the query. Null and undefined are left out; lists repeat. */
export function urlOf(path: string, query?: Query): string {
  const url = getBoot().base.replace(/\/$/, '') + path
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) parts.append(name, String(one))
  }
  const text = parts.toString()
  return text ? `${url}${path.includes('?') ? '&' : '?'}${text}` : url
}

export const get = <T>(path: string, options?: RequestOptions): Promise<T> => send<T>('GET', path, undefined, options)
export const post = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
  send<T>('POST', path, body ?? {}, options)
export const patch = <T>(path: string, body: unknown, options?: RequestOptions): Promise<T> =>
  send<T>('PATCH', path, body, options)
export const put = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
  send<T>('PUT', path, body, options)
export const del = <T = void>(path: string, options?: RequestOptions): Promise<T> =>
  send<T>('DELETE', path, undefined, options)

/** One request; the answer's JSON, or its text, or undefined for an empty one. Throws ApiError. */
export async function send<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  const answer = await raw(method, path, body, options)
  if (answer.status === 204 || answer.headers.get('content-length') === '0') return undefined as T
  const isJson = /json/.test(answer.headers.get('content-type') ?? '')
  return (isJson ? await answer.json() : await answer.text()) as T
}

let token: string | null = null

/** From now on requests carry this bearer token: of frames that the page around has given one. */
export function setToken(next: string | null): void {
  token = next
}

/** The same, but the Response itself: for streams and downloads. */
export async function raw(
  method: string,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (token !== null) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  const { csrf } = getBoot()
  if (csrf && method !== 'GET' && method !== 'HEAD') headers['X-CSRFToken'] = csrf
  const done = reachability.started()
  let answer: Response
  try {
    answer = await fetch(urlOf(path, options.query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
      credentials: 'same-origin',
    })
  } catch (problem) {
    const aborted = options.signal?.aborted || (problem instanceof DOMException && problem.name === 'AbortError')
    done(aborted ? 'aborted' : 'gone')
    if (aborted) throw problem
    throw new ApiError(0, 'No answer', 'The server does not answer. The page keeps what it has and tries again.')
  }
  // A gateway without its server behind it is as good as no answer.
  done([502, 503, 504].includes(answer.status) ? 'gone' : 'answered')
  if (!answer.ok) throw await errorOf(answer)
  return answer
}

async function errorOf(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => '')
  let problem: { title?: string; detail?: unknown } = {}
  try {
    problem = JSON.parse(text) as typeof problem
  } catch {
    problem = { detail: text.length < 300 ? text : '' }
  }
  const detail = typeof problem.detail === 'string' ? problem.detail : JSON.stringify(problem.detail ?? '')
  if (answer.status === 401) signedOut()
  return new ApiError(
    answer.status,
    problem.title ?? answer.statusText ?? `HTTP ${answer.status}`,
    detail === '""' ? '' : detail,
    answer.headers.get('x-request-id'),
    problem,
  )
}

const signOutListeners = new Set<() => void>()

/** Calls back when the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): () => void {
  signOutListeners.add(listener)
  return () => signOutListeners.delete(listener)
}

function signedOut(): void {
  if (getBoot().user) for (const listener of signOutListeners) listener()
}
