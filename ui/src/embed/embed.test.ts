import { describe, expect, it, vi } from 'vitest'
import { optionsOf, viewOf } from './address'
import { Parent, parentOrigin } from './messages'

const view = (path: string, search = '') => viewOf(path, new URLSearchParams(search))

describe('what a frame shows', () => {
  it.each([
    ['', 'tag=x', { kind: 'list', tag: 'x' }],
    ['dags', '', { kind: 'list', tag: null }],
    ['dags/a%2Fb', '', { kind: 'dag', dagId: 'a/b' }],
    ['dags/a/grid', '', { kind: 'dag', dagId: 'a' }],
    ['dags/a/runs/r%2B1', '', { kind: 'run', dagId: 'a', runId: 'r+1' }],
    ['dags/a/runs/r/tasks/t/log', '', { kind: 'task', dagId: 'a', runId: 'r', taskId: 't', mapIndex: -1 }],
    ['dags/a/runs/r/tasks/t/mapped/3/', '', { kind: 'task', dagId: 'a', runId: 'r', taskId: 't', mapIndex: 3 }],
  ])('%s?%s', (path, search, expected) => {
    expect(view(path, search)).toEqual(expected)
  })

  it('takes options that are what they should be, and no others', () => {
    const options = optionsOf(
      new URLSearchParams(
        'theme=dark&accent=ff0066&tz=Europe/Paris&hide=log,pause&lock=region&conf={"region":"eu"}&density=compact',
      ),
    )
    expect(options).toMatchObject({
      theme: 'dark',
      accent: '#ff0066',
      tz: 'Europe/Paris',
      density: 'compact',
      conf: { region: 'eu' },
    })
    expect([...options.hidden, ...options.locked]).toEqual(['log', 'pause', 'region'])
    const hostile = optionsOf(
      new URLSearchParams('theme=x&accent=red;background:url(//evil)&tz=<b>&lang=<x>&conf=[1]&density=9'),
    )
    expect(hostile).toMatchObject({ theme: 'auto', accent: null, tz: null, lang: null, conf: null, density: null })
  })
})

describe('the page around', () => {
  const parent = { postMessage: vi.fn() } as unknown as Window
  const around = { parent } as unknown as Window

  it('is known by ancestorOrigins, else by the referrer, else not at all', () => {
    expect(parentOrigin(around, ['https://wiki.example'] as unknown as DOMStringList, '')).toBe('https://wiki.example')
    expect(parentOrigin(around, undefined, 'https://wiki.example/page?x')).toBe('https://wiki.example')
    expect(parentOrigin(around, undefined, '')).toBeNull()
    const alone = {} as { parent?: unknown }
    alone.parent = alone
    expect(parentOrigin(alone as unknown as Window, undefined, 'https://wiki.example/')).toBeNull()
  })

  it('is told by its origin only', () => {
    new Parent(around, 'https://wiki.example').tell({ type: 'tradewind:height', height: 200 })
    expect(parent.postMessage).toHaveBeenCalledWith({ type: 'tradewind:height', height: 200 }, 'https://wiki.example')
    vi.mocked(parent.postMessage).mockClear()
    new Parent(around, null).tell({ type: 'tradewind:ready' })
    expect(parent.postMessage).not.toHaveBeenCalled()
  })

  it('gives tokens; nobody else does', () => {
    const own = new Parent(around, 'https://wiki.example')
    const good = { source: parent, origin: 'https://wiki.example', data: { type: 'tradewind:token', token: 'abc' } }
    expect(own.tokenOf(good)).toBe('abc')
    expect(own.tokenOf({ ...good, origin: 'https://evil.example' })).toBeNull()
    expect(own.tokenOf({ ...good, source: around })).toBeNull()
    expect(own.tokenOf({ ...good, data: { type: 'tradewind:token', token: 5 } })).toBeNull()
    expect(own.tokenOf({ ...good, data: null })).toBeNull()
  })
})
