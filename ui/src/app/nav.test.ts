import { beforeEach, describe, expect, it } from 'vitest'
import { setBoot } from '../api/boot'
import { pageOf, safeNext } from './Frame'
import { crumbsOf, isAt, visiblePlaces } from './nav'
import { find, type Item, itemsOf, parse } from './paletteItems'

describe('places', () => {
  beforeEach(() => setBoot({ permissions: [] }))
  it('are absent without their permission', () => {
    setBoot({
      permissions: [
        ['can_read', 'DAGs'],
        ['can_read', 'Pools'],
      ],
    })
    expect(visiblePlaces().map((place) => place.to)).toEqual(['/', '/dags', '/pools', '/tokens'])
  })
  it('show the list of DAGs to who may see one', () => {
    setBoot({ permissions: [['can_read', 'DAG:mine']] })
    expect(visiblePlaces('main').map((place) => place.to)).toEqual(['/', '/dags'])
  })
  it('know what lies in them', () => {
    const [home, dags] = [{ to: '/' }, { to: '/dags' }] as Parameters<typeof isAt>[0][]
    expect(isAt(home as never, '/dags')).toBe(false)
    expect(isAt(dags as never, '/dags/x')).toBe(true)
    expect(isAt(dags as never, '/dagsx')).toBe(false)
  })
})

describe('the way to where one is', () => {
  it('names DAG, run and task, mapped ones by their index', () => {
    expect(crumbsOf('/dags/a%20b/runs/r%3A1/tasks/t/mapped/2/log', []).map((crumb) => crumb.label)).toEqual([
      'Dags',
      'a b',
      'r:1',
      't [2]',
    ])
    expect(crumbsOf('/dags/a/graph', []).map((crumb) => crumb.to)).toEqual(['/dags', '/dags/a'])
    expect(crumbsOf('/', [])).toEqual([])
  })
  it('is one page for a DAG with its drawers and tabs', () => {
    expect(pageOf('/dags/a/runs/r/tasks/t')).toBe(pageOf('/dags/a/graph'))
    expect(pageOf('/dags/a/compare')).not.toBe(pageOf('/dags/a'))
  })
  it('does not lead to another site after the sign-in', () => {
    expect(safeNext('/dags/a?x=1')).toBe('/dags/a?x=1')
    for (const bad of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])
      expect(safeNext(bad)).toBe('/')
  })
})

describe('the palette', () => {
  const noItems: Item[] = []
  const items = itemsOf(
    {
      dags: [
        ['sales_etl', null, false],
        ['billing', 'Billing of sales', true],
      ],
      variables: ['sales_region'],
      assets: [[7, 's3://lake/orders']],
      runs: [['sales_etl', 'manual__1', 'failed']],
    },
    [{ to: '/pools', label: 'Pools', icon: 'pool', section: 'admin' }],
    noItems,
  )
  const labels = (query: string, recent: string[] = []) => find(items, query, recent).map((one) => one.label)
  it('reads prefixes and verbs', () => {
    expect(parse('run: man')).toEqual({ kinds: ['run'], verb: null, text: 'man' })
    expect(parse('pause sales')).toEqual({ kinds: ['dag'], verb: 'pause', text: 'sales' })
    expect(parse('resume x').verb).toBe('unpause')
    expect(parse('s3://lake').kinds).toBeNull()
  })
  it('finds across kinds, and inside one', () => {
    expect(labels('sales')).toEqual(['sales_etl', 'sales_region', 'Billing of sales', 'manual__1'])
    expect(labels('var: sales')).toEqual(['sales_region'])
    expect(labels('run: manual')).toEqual(['manual__1'])
    expect(labels('orders')).toEqual(['s3://lake/orders'])
  })
  it('pauses only what runs, and resumes only what is paused', () => {
    expect(labels('pause sales')).toEqual(['Pause sales_etl'])
    expect(labels('unpause sales')).toEqual(['Resume Billing of sales'])
    expect(find(items, 'trigger sales_etl', [])[0]?.to).toBe('/dags/sales_etl/trigger')
  })
  it('shows at first what was opened lately', () => {
    expect(labels('', ['/pools', '/dags/billing'])).toEqual(['Pools', 'Billing of sales'])
  })
})
