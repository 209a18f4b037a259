import { describe, expect, it } from 'vitest'
import { EventClient, type LiveMessage } from './eventClient'
import { LiveHub } from './events'
import { Reachability } from './reachability'
import { eventOf, SseParser, wants } from './sse'

const frame = (event: string, data: unknown, id: string | null = null) => ({ id, event, data: JSON.stringify(data) })
const short = frame('ti', { d: 'etl', r: 'run_1', t: 'load', m: -1, s: 'success', n: 2, e: 1763700000 })

describe('frames', () => {
  it('come whole, however the bytes are cut', () => {
    const text = 'retry: 1500\n\nid: 7\nevent: ti\ndata: {"d":"a"}\n\n: still here\n\nid: 8\nevent: run\ndata: {}\n\n'
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new SseParser()
      const frames = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]
      expect(frames.map((one) => [one.id, one.event])).toEqual([
        ['7', 'ti'],
        ['8', 'run'],
      ])
      expect(parser.retry).toBe(1500)
    }
  })
  it('join lines of data and take CRLF', () => {
    expect(new SseParser().push('data: a\r\ndata: b\r\n\r\n')[0]?.data).toBe('a\nb')
  })
})

describe('events', () => {
  it('are read from the short form and the long one', () => {
    const long = frame('task.success', {
      kind: 'task.success',
      dag_id: 'etl',
      run_id: 'run_1',
      task_id: 'load',
      map_index: -1,
      try_number: 2,
      state: 'success',
      at: '2025-11-21T04:40:00+00:00',
    })
    const pick = (one: ReturnType<typeof eventOf>) =>
      one && [one.type, one.dag_id, one.run_id, one.task_id, one.map_index, one.state, one.try_number, one.at]
    expect(pick(eventOf(long))).toEqual(pick(eventOf(short)))
  })
  it('that are not JSON are left out', () => {
    expect(eventOf({ id: null, event: 'ti', data: 'oops' })).toBeNull()
  })
  it('belong to topics', () => {
    const ti = eventOf(short)
    const run = eventOf(frame('run', { d: 'etl', r: 'run_1', s: 'failed' }))
    if (!ti || !run) throw new Error('no events')
    expect(['dag:etl', 'run:etl/run_1', 'tis'].every((topic) => wants(topic, ti))).toBe(true)
    expect(['dags', 'dag:other', 'run:etl/run_2', 'health'].some((topic) => wants(topic, ti))).toBe(false)
    expect(wants('dags', run)).toBe(true)
    const log = eventOf(frame('log', { topic: 'log:etl/run_1/load/-1/2@40', o: 40, x: 'line' }))
    if (!log) throw new Error('no log')
    expect(wants('log:etl/run_1/load/-1/2@90', log)).toBe(true)
    expect(wants('log:etl/run_1/load/-1/3', log)).toBe(false)
    const pool = eventOf(frame('pool', { k: 'pool.changed' }))
    expect(pool && wants('pools', pool)).toBe(true)
  })
})

type Timer = { run: () => void; ms: number; isOn: boolean }

/** A clock that is moved by hand, and a server of the given answers. */
function arranged(answers: (Response | Error)[]) {
  const timers: Timer[] = []
  const told: LiveMessage[] = []
  const asked: { url: string; lastId: string | undefined }[] = []
  const clock = {
    later(run: () => void, ms: number) {
      const timer = { run, ms, isOn: true }
      timers.push(timer)
      return timer
    },
    cancel: (timer: unknown) => {
      ;(timer as Timer).isOn = false
    },
    random: () => 0.5,
  }
  const fetcher = (async (url: string, options: RequestInit) => {
    asked.push({ url, lastId: (options.headers as Record<string, string>)['last-event-id'] })
    const answer = answers.shift() ?? new Error('no more')
    if (answer instanceof Error) throw answer
    return answer
  }) as unknown as typeof fetch
  const client = new EventClient('/events', (message) => told.push(message), fetcher, clock)
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  /** Runs the one timer of a length, as if that time had gone by. */
  const pass = async (wanted: (ms: number) => boolean) => {
    const due = timers.filter((timer) => timer.isOn && wanted(timer.ms))
    for (const timer of due) {
      timer.isOn = false
      timer.run()
    }
    await settle()
    return due.length
  }
  return { client, told, asked, pass, settle, timers }
}

const isRetry = (ms: number) => ms >= 1500 && ms < 10_000
const stream = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } })

describe('the connection', () => {
  it('gives events and resumes after the last one', async () => {
    const body = `retry: 2000\n\nid: 41\nevent: ti\ndata: ${short.data}\n\n`
    const { client, told, asked, pass, settle } = arranged([stream(body), stream('')])
    client.setTopics(['run:etl/run_1', 'dags', 'dags'])
    await pass((ms) => ms === 0)
    await settle()
    expect(told).toContainEqual({ type: 'state', state: 'live' })
    expect(told.filter((one) => one.type === 'events')).toHaveLength(1)
    expect(new URL(asked[0]?.url ?? '', 'http://x').searchParams.get('topics')).toBe('dags,run:etl/run_1')
    await pass(isRetry)
    expect(asked[1]?.lastId).toBe('41')
  })
  it('polls after three failures, and stops polling when it is back', async () => {
    const { client, told, pass } = arranged([new Error(), new Error(), new Error(), stream('retry: 2000\n\n')])
    client.setTopics(['dags'])
    await pass((ms) => ms === 0)
    await pass(isRetry)
    await pass(isRetry)
    expect(told.at(-1)).toEqual({ type: 'state', state: 'polling' })
    await pass((ms) => ms === 10_000)
    expect(told.at(-1)).toEqual({ type: 'poll' })
    await pass((ms) => isRetry(ms))
    expect(told.filter((one) => one.type === 'state').map((one) => one.state)).toContain('live')
    expect(await pass((ms) => ms === 10_000)).toBe(0)
  })
  it('stays for topics that it already carries', async () => {
    const forever = new Response(new ReadableStream({ start() {} }))
    const { client, asked, pass, timers } = arranged([forever])
    client.setTopics(['dags', 'dag:a'])
    await pass((ms) => ms === 0)
    client.setTopics(['dags'])
    expect(timers.some((timer) => timer.isOn && timer.ms === 250)).toBe(false)
    client.setTopics(['dags', 'dag:b'])
    await pass((ms) => ms === 250)
    expect(asked).toHaveLength(2)
  })
  it('gives up after a while what is not wanted any more', async () => {
    const forever = () => new Response(new ReadableStream({ start() {} }))
    const { client, asked, pass } = arranged([forever(), forever()])
    client.setTopics(['dags', 'dag:a'])
    await pass((ms) => ms === 0)
    client.setTopics(['dags'])
    client.setTopics(['dags', 'dag:a'])
    expect(await pass((ms) => ms === 30_000)).toBe(0)
    client.setTopics(['dags'])
    await pass((ms) => ms === 30_000)
    expect(new URL(asked[1]?.url ?? '', 'http://x').searchParams.get('topics')).toBe('dags')
  })
})

describe('the hub', () => {
  it('hands out by topic, asks again after a reset, and wants less while hidden', async () => {
    let tell: (message: LiveMessage) => void = () => undefined
    const topics: (readonly string[])[] = []
    const hub = new LiveHub((given) => {
      tell = given
      return { setTopics: (all) => topics.push(all), restart: () => undefined, close: () => undefined }
    })
    const heard: string[] = []
    const listen = (name: string, topic: string) =>
      hub.add({ topics: [topic], onEvents: () => heard.push(name), onGap: () => heard.push(`${name} gap`) })
    listen('run', 'run:etl/run_1')
    listen('dags', 'dags')
    await Promise.resolve()
    expect(topics.at(-1)).toEqual(['run:etl/run_1', 'dags'])
    const event = eventOf(short)
    if (!event) throw new Error('no event')
    tell({ type: 'events', events: [event] })
    expect(heard).toEqual(['run'])
    tell({ type: 'events', events: [{ ...event, type: 'reset' }] })
    expect(heard.slice(1)).toEqual(['run gap', 'dags gap'])
    hub.reduce(true)
    await Promise.resolve()
    expect(topics.at(-1)).toEqual(['dags'])
    hub.reduce(false)
    expect(heard.at(-1)).toBe('run gap')
  })
})

describe('reachability', () => {
  it('is slow while one waits long, gone without an answer, and well again with one', () => {
    const waiting: (() => void)[] = []
    const reach = new Reachability(
      () => 5,
      (run) => {
        waiting.push(run)
        return 0 as unknown as ReturnType<typeof setTimeout>
      },
    )
    const done = reach.started()
    waiting[0]?.()
    expect(reach.get().state).toBe('slow')
    done('answered')
    expect(reach.get().state).toBe('ok')
    reach.started()('gone')
    expect(reach.get()).toEqual({ state: 'gone', since: 5 })
    reach.started()('aborted')
    expect(reach.get().state).toBe('gone')
    reach.started()('answered')
    expect(reach.get().state).toBe('ok')
  })
})
