import { describe, expect, it } from 'vitest'
import { layOut, quickLayout } from './layout'
import { LayoutClient } from './layoutClient'
import { betterDirection, focusOn, fold, type GraphAnswer, initiallyClosed, related, search } from './model'

const node = (id: string, parent: string | null = null, type: 'task' | 'group' = 'task') => ({
  id,
  label: id,
  parent,
  type,
})

/** start → [g: g.a → g.b] → end, and a side way from start to end. */
const ANSWER: GraphAnswer = {
  nodes: [node('start'), node('g', null, 'group'), node('g.a', 'g'), node('g.b', 'g'), node('end')],
  edges: [
    ['start', 'g.a'],
    ['g.a', 'g.b'],
    ['g.b', 'end'],
    ['start', 'end', 'skip'],
  ],
}

describe('the graph', () => {
  it('keeps open groups as boxes', () => {
    const shown = fold(ANSWER, new Set())
    expect(shown.nodes).toHaveLength(5)
    expect([...shown.open]).toEqual(['g'])
    expect(shown.edges).toHaveLength(4)
  })
  it('folds closed groups, their edges become the group one', () => {
    const shown = fold(ANSWER, new Set(['g']))
    expect(shown.nodes.map((one) => one.id)).toEqual(['start', 'g', 'end'])
    expect(shown.edges).toEqual([
      ['start', 'g'],
      ['g', 'end'],
      ['start', 'end', 'skip'],
    ])
  })
  it('begins closed when it is large', () => {
    expect(initiallyClosed(ANSWER).size).toBe(0)
    const many = Array.from({ length: 301 }, (_, at) => node(`g.${at}`, 'g'))
    expect([
      ...initiallyClosed({
        nodes: [node('g', null, 'group'), ...many],
        edges: [],
      }),
    ]).toEqual(['g'])
  })
  it('can be narrowed to some steps around a task', () => {
    expect(focusOn(ANSWER, 'g.a', 1).nodes.map((one) => one.id)).toEqual(['start', 'g', 'g.a', 'g.b'])
    expect(focusOn(ANSWER, 'g.a', 2).nodes).toHaveLength(5)
  })
  it('knows what comes before and after', () => {
    expect([...related(ANSWER.edges, 'g.b')].sort()).toEqual(['end', 'g.a', 'g.b', 'start'])
  })
  it('finds the best name first', () => {
    expect(search(ANSWER.nodes, 'g.').map((one) => one.id)).toEqual(['g.a', 'g.b'])
    expect(search(ANSWER.nodes, 'END')[0]?.id).toBe('end')
    expect(search(ANSWER.nodes, ' ')).toEqual([])
  })
})

describe('the layout', () => {
  it('places nodes in ranks and groups around their members', () => {
    const of = (id: string, parent: string | null = null, isBox = false) => ({
      id,
      width: 180,
      height: 44,
      parent,
      isBox,
    })
    const result = layOut({
      nodes: [of('start'), of('g', null, true), of('g.a', 'g'), of('end')],
      edges: [
        ['start', 'g.a'],
        ['g.a', 'end'],
      ],
      direction: 'LR',
    })
    const at = Object.fromEntries(result.nodes.map((one) => [one.id, one]))
    expect(at.start?.x).toBeLessThan(at['g.a']?.x as number)
    expect(at['g.a']?.x).toBeLessThan(at.end?.x as number)
    expect(at.g?.x).toBeLessThan(at['g.a']?.x as number)
    expect((at.g?.width as number) > 180).toBe(true)
    expect(result.edges[0]?.points.length).toBeGreaterThan(1)
  })
})

describe('a group without members', () => {
  it('has a place all the same', () => {
    const nodes = ['a', 'g'].map((id) => ({ id, width: 180, height: 44, parent: null, isBox: id === 'g' }))
    const result = layOut({ nodes, edges: [], direction: 'TB' })
    expect(result.nodes.every((one) => Number.isFinite(one.x + one.y + one.width))).toBe(true)
  })
})

describe('the quick layout', () => {
  it('ranks by the longest way, whatever the order of the edges', () => {
    const nodes = ['a', 'b', 'c'].map((id) => ({
      id,
      width: 180,
      height: 44,
      parent: null,
      isBox: false,
    }))
    const edges = [
      ['a', 'c'],
      ['b', 'c'],
      ['a', 'b'],
    ] as const
    const at = Object.fromEntries(quickLayout({ nodes, edges, direction: 'LR' }).nodes.map((one) => [one.id, one.x]))
    expect(at.a).toBeLessThan(at.b as number)
    expect(at.b).toBeLessThan(at.c as number)
  })
  it('ends with a circle in it', () => {
    const nodes = ['a', 'b'].map((id) => ({
      id,
      width: 180,
      height: 44,
      parent: null,
      isBox: false,
    }))
    expect(
      quickLayout({
        nodes,
        edges: [
          ['a', 'b'],
          ['b', 'a'],
        ],
        direction: 'TB',
      }).nodes,
    ).toHaveLength(2)
  })
})

describe('the layout client', () => {
  const request = { nodes: [], edges: [], direction: 'LR' } as const
  const result = { nodes: [], edges: [], width: 1, height: 1 }
  it('asks once for a key', async () => {
    let asked = 0
    const worker = {
      postMessage(message: { id: number }) {
        asked++
        queueMicrotask(() => this.onmessage?.({ data: { id: message.id, result } }))
      },
      onmessage: null as ((event: unknown) => void) | null,
    }
    const client = new LayoutClient(() => worker as unknown as Worker)
    expect(await client.layout('a', request)).toBe(result)
    expect(await client.layout('a', request)).toBe(result)
    expect(asked).toBe(1)
  })
  it('asks again after a failure', async () => {
    let asked = 0
    const worker = {
      postMessage(message: { id: number }) {
        const answer = asked++ === 0 ? { error: 'broken' } : { result }
        queueMicrotask(() => this.onmessage?.({ data: { id: message.id, ...answer } }))
      },
      onmessage: null as ((event: unknown) => void) | null,
    }
    const client = new LayoutClient(() => worker as unknown as Worker)
    await expect(client.layout('a', request)).rejects.toThrow('broken')
    expect(await client.layout('a', request)).toBe(result)
  })
})

describe('the way a graph lies', () => {
  const node = (id: string) => ({ id, label: id, type: 'task' as const })
  it('is the one in which it is seen larger', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const chain = { nodes: ids.map(node), edges: ids.slice(1).map((id, at) => [ids[at] as string, id] as const) }
    const fan = { nodes: ids.map(node), edges: ids.slice(1).map((id) => ['a', id] as const) }
    expect(betterDirection(chain as never, 600, 640)).toBe('TB')
    expect(betterDirection(fan as never, 600, 640)).toBe('LR')
    expect(betterDirection({ nodes: [], edges: [] } as never, 600, 640)).toBe('TB')
  })
})
