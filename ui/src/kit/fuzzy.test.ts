import { describe, expect, it } from 'vitest'
import { score, search } from './fuzzy'

const first = (query: string, names: string[]) => search(names, query, (name) => name.toLowerCase())[0]?.item

describe('fuzzy', () => {
  it('finds by letters in order and by nothing else', () => {
    expect(score('sletl', 'sales_etl')).toBeGreaterThan(0)
    expect(score('ltes', 'sales_etl')).toBe(0)
    expect(score('x', 'sales_etl')).toBe(0)
  })
  it('puts the exact name first, then a beginning, then the beginning of a word, then the inside', () => {
    const names = ['presales', 'daily_sales', 'sales_daily', 'sales']
    expect(search(names, 'sales', (name) => name).map((one) => one.item)).toEqual([
      'sales',
      'sales_daily',
      'daily_sales',
      'presales',
    ])
  })
  it('prefers letters at the beginnings of words', () => {
    expect(first('se', ['house', 'sales_etl'])).toBe('house')
    expect(first('saet', ['small_asset', 'sales_etl'])).toBe('sales_etl')
  })
  it('takes several words in any order', () => {
    expect(first('etl sales', ['sales_etl', 'etl_other'])).toBe('sales_etl')
    expect(search(['sales_etl'], 'etl nope', (name) => name)).toEqual([])
  })
  it('gives no more than asked for', () => {
    const names = Array.from({ length: 5000 }, (_, i) => `dag_${i}`)
    expect(search(names, 'dag', (name) => name, 20)).toHaveLength(20)
  })
})
