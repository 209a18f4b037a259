/** What the server wrote into the page: who is here, what they may do, and how the instance is set up. */
export type User = {
  username: string
  first_name: string
  last_name: string
  email: string
  roles: string[]
  /** "session" can be ended by signing out. */
  means?: string
}

export type Boot = {
  /** Path under which everything is served; ends with a slash. */
  base: string
  version: string
  instance_name: string
  user: User | null
  permissions: [action: string, resource: string][]
  csrf: string | null
  timezone: string
  flags: {
    backfills?: boolean
    expose_config?: string
    test_connection?: string
    state_colors?: Record<string, string>
    embed?: boolean
    [name: string]: unknown
  }
  login: { password: boolean; providers: { name: string; url: string }[] }
  now: string
  /** The database does not answer: nobody can be known. */
  is_unavailable?: boolean
}

const EMPTY: Boot = {
  base: '/',
  version: '',
  instance_name: 'tradewind',
  user: null,
  permissions: [],
  csrf: null,
  timezone: 'UTC',
  flags: {},
  login: { password: true, providers: [] },
  now: '',
}

let boot: Boot = EMPTY

/** The boot data; `loadBoot` has run before anything is drawn. */
export function getBoot(): Boot {
  return boot
}

/** Replaces parts of the boot data, as after signing in. */
export function setBoot(change: Partial<Boot>): void {
  boot = named({ ...boot, ...change })
}

function named(data: Boot): Boot {
  return { ...data, instance_name: data.instance_name || 'tradewind' }
}

/** Reads the data block of the page. The dev server's page has none: there the real server's page is asked. */
export async function loadBoot(): Promise<Boot> {
  let text = document.getElementById('boot')?.textContent?.trim() ?? ''
  if (import.meta.env.DEV && !text) text = await bootOfServer()
  boot = named(text ? { ...EMPTY, ...(JSON.parse(text) as Partial<Boot>) } : EMPTY)
  const offset = boot.now ? Date.parse(boot.now) - Date.now() : 0
  clockOffset = Math.abs(offset) > 2000 ? offset : 0
  return boot
}

/** The boot data of whoever a bearer token stands for. Nobody's when it is not valid. */
export async function bootOfToken(token: string): Promise<Boot> {
  const answer = await fetch(boot.base, { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' })
  const text = bootIn(answer.ok ? await answer.text() : '')
  return { ...EMPTY, base: boot.base, ...(text ? (JSON.parse(text) as Partial<Boot>) : {}) }
}

let clockOffset = 0

/** The server's clock in ms: ages and countdowns are right although the visitor's clock is not. */
export function serverNow(): number {
  return Date.now() + clockOffset
}

async function bootOfServer(): Promise<string> {
  const answer = await fetch('/__boot').catch(() => null)
  const html = answer?.ok ? await answer.text() : ''
  return bootIn(html)
}

function bootIn(html: string): string {
  return /<script type="application\/json" id="boot">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
}

/** Whether the visitor has a permission, as `can('can_edit', 'DAGs')`. What may not be done is not shown. */
export function can(action: string, resource: string): boolean {
  return boot.permissions.some(([a, r]) => a === action && r === resource)
}

/** Whether the visitor has a permission on one DAG, or on all of them. */
export function canDag(action: string, dagId: string): boolean {
  return can(action, 'DAGs') || can(action, `DAG:${dagId}`)
}
