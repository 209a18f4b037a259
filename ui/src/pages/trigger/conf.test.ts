import { describe, expect, it } from 'vitest'
import { confOf } from './conf'

const of = (search: string) => confOf(new URLSearchParams(search))

describe('the conf of a link', () => {
  it('is what ?conf= says', () => {
    expect(of('conf={"a":1}&b=2')).toEqual({ a: 1 })
  })
  it('is made of single params, typed where they read as JSON', () => {
    expect(of('region=eu&limit=5&dry=true&mode=run')).toEqual({ region: 'eu', limit: 5, dry: true })
  })
  it('is nothing when there is none, and never a list', () => {
    expect([of(''), of('mode=run'), of('conf=[1]')]).toEqual([null, null, null])
  })
})
