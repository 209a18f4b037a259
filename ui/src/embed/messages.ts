/** What a frame tells the page around it, and the token that it may be given. Messages go to, and are taken from, the
 * page around it only: the server's frame-ancestors has said which that may be. */

export type Told =
  | { type: 'tradewind:ready' }
  | { type: 'tradewind:height'; height: number }
  | { type: 'tradewind:run'; dag_id: string; run_id: string; state: string | null }
  | { type: 'tradewind:triggered'; dag_id: string; run_id: string }
  | { type: 'tradewind:navigate'; url: string }

/** The origin around the frame; null when there is none, or when nobody knows. */
export function parentOrigin(around: Window, ancestors: DOMStringList | undefined, referrer: string): string | null {
  if (around === around.parent) return null
  const known = ancestors?.[0]
  if (known !== undefined && known !== 'null') return known
  try {
    return new URL(referrer).origin
  } catch {
    return null // no referrer: then nothing is said
  }
}

export class Parent {
  constructor(
    private readonly around: Window,
    private readonly origin: string | null,
  ) {}

  tell(message: Told): void {
    if (this.origin !== null) this.around.parent.postMessage(message, this.origin)
  }

  /** Calls back with a token: a short-lived one that the page around got for its visitor. */
  onToken(listener: (token: string) => void): () => void {
    const heard = (event: MessageEvent) => {
      const token = this.tokenOf(event)
      if (token !== null) listener(token)
    }
    this.around.addEventListener('message', heard)
    return () => this.around.removeEventListener('message', heard)
  }

  tokenOf(event: Pick<MessageEvent, 'source' | 'origin' | 'data'>): string | null {
    if (this.origin === null || event.source !== this.around.parent || event.origin !== this.origin) return null
    const data = event.data as { type?: unknown; token?: unknown } | null
    const isToken = data?.type === 'tradewind:token' && typeof data.token === 'string' && data.token.length < 4_096
    return isToken ? (data.token as string) : null
  }
}
