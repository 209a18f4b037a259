import { describe, expect, it } from 'vitest'
import { actionsOf, bodyOf, changes, effective, grantOf, grantsOf, resourcesOf, type Role } from './grants'

const role = (name: string, ...pairs: [string, string][]): Role => ({
  name,
  actions: pairs.map(([action, resource]) => ({ action: { name: action }, resource: { name: resource } })),
})
const ROLES = [
  role('A', ['can_read', 'Pools'], ['can_edit', 'DAG:x']),
  role('B', ['can_read', 'Pools'], ['can_read', 'dags'], ['can_dance', 'Pools']),
]

describe('permissions', () => {
  it('of a user are those of all roles, with where they are from', () => {
    const found = effective(ROLES, ['A', 'B'])
    expect(found.get(grantOf('can_read', 'Pools'))).toEqual(['A', 'B'])
    expect(effective(ROLES, ['A']).has(grantOf('can_read', 'dags'))).toBe(false)
  })
  it('make a matrix', () => {
    expect(resourcesOf(ROLES, ['Zoo'])).toEqual(['dags', 'Pools', 'Zoo', 'DAG:x'])
    expect(actionsOf(ROLES)).toContain('can_dance')
  })
  it('are counted and sent as they were changed', () => {
    const before = grantsOf(ROLES[0])
    const after = new Set([grantOf('can_read', 'Pools'), grantOf('can_read', 'Jobs')])
    expect(changes(before, after)).toBe(2)
    expect(bodyOf(after)[1]).toEqual({ action: { name: 'can_read' }, resource: { name: 'Jobs' } })
  })
})
