/** Permissions as a matrix of resources and actions. Pure. */

export type Role = { name: string; actions: { action: { name: string }; resource: { name: string } }[] }
export type Grants = ReadonlySet<string>

export const ACTIONS = ['can_read', 'can_create', 'can_edit', 'can_delete', 'menu_access'] as const

/** One permission as a text that a set can hold. */
export const grantOf = (action: string, resource: string): string => `${action}\u0000${resource}`

export function grantsOf(role: Role | undefined): Set<string> {
  return new Set((role?.actions ?? []).map((one) => grantOf(one.action.name, one.resource.name)))
}

/** What somebody with these roles may do, and by which of them. */
export function effective(roles: readonly Role[], names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const role of roles) {
    if (!names.includes(role.name)) continue
    for (const grant of grantsOf(role)) found.set(grant, [...(found.get(grant) ?? []), role.name])
  }
  return found
}

const words = new Intl.Collator('en', { sensitivity: 'base' })

/** All resources that any role names: single DAGs last. */
export function resourcesOf(roles: readonly Role[], more: Iterable<string> = []): string[] {
  const all = new Set(more)
  for (const role of roles) for (const one of role.actions) all.add(one.resource.name)
  const isDag = (name: string) => /^DAG( Run)?:/.test(name)
  return [...all].sort((a, b) => Number(isDag(a)) - Number(isDag(b)) || words.compare(a, b))
}

/** The actions of the matrix's columns: the usual ones, and what roles have beside them. */
export function actionsOf(roles: readonly Role[]): string[] {
  const all = new Set<string>(ACTIONS)
  for (const role of roles) for (const one of role.actions) all.add(one.action.name)
  return [...all]
}

/** The body's form of some permissions. */
export function bodyOf(grants: Iterable<string>): Role['actions'] {
  return [...grants].map((grant) => {
    const [action = '', resource = ''] = grant.split('\u0000')
    return { action: { name: action }, resource: { name: resource } }
  })
}

/** How many permissions differ. */
export function changes(before: Grants, after: Grants): number {
  let n = 0
  for (const grant of before) if (!after.has(grant)) n += 1
  for (const grant of after) if (!before.has(grant)) n += 1
  return n
}
