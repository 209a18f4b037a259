import { describe, expect, it } from 'vitest'
import { bodyOf, changedOf, draftOf, fieldsOf, problemsOf } from './types'

const stored = {
  connection_id: 'db',
  conn_type: 'postgres',
  description: null,
  host: 'h',
  login: 'me',
  schema: 'x',
  port: 5432,
  extra: '{"password":"***"}',
}

describe('connections', () => {
  it('show the fields of their type', () => {
    expect(fieldsOf('aws')).toEqual([
      ['login', 'Access key ID'],
      ['password', 'Secret access key'],
    ])
    expect(fieldsOf('unheard_of').map(([name]) => name)).toEqual(['host', 'login', 'password', 'schema', 'port'])
  })
  it('send only what was changed, and no password that was not typed', () => {
    const before = draftOf(stored)
    expect(changedOf(before, { ...before, host: '' })).toEqual({
      body: { connection_id: 'db', conn_type: 'postgres', host: null },
      mask: ['host'],
    })
    expect(changedOf(before, { ...before, password: 'p' }).mask).toEqual(['password'])
    expect(bodyOf(before)).not.toHaveProperty('password')
  })
  it('say what is wrong', () => {
    const draft = { ...draftOf(null), connection_id: 'a b', port: 'x', extra: '[1]' }
    expect(Object.keys(problemsOf(draft)).sort()).toEqual(['conn_type', 'connection_id', 'extra', 'port'])
    expect(problemsOf(draftOf(stored))).toEqual({})
  })
})
