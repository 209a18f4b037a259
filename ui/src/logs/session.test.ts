import { describe, expect, it } from 'vitest'
import { isError, parseLine } from './lines'
import { LogSession, type PartQuery } from './session'
import { byteLength, type LogPart, type Measure } from './window'

/** Ten bytes a line; small pages, so that a few lines are a large log. */
const SMALL: Measure = { page: 30, most: 60, scan: 40, length: (raw) => byteLength(raw) + 1 }

function fileOf(lines: readonly string[]) {
  const state = {
    text: lines.map((line) => `${line}\n`).join(''),
    complete: true,
    fails: false,
    asked: [] as PartQuery[],
  }
  const read = async (query: PartQuery): Promise<LogPart> => {
    state.asked.push(query)
    if (state.fails) throw new Error('gone')
    const { text } = state
    const limit = query.limit ?? 30
    const offset = query.at === 'tail' ? Math.max(0, text.length - limit) : (query.offset ?? 0)
    const next = Math.min(text.length, offset + limit)
    return { size: text.length, offset, next, complete: state.complete, text: text.slice(offset, next) }
  }
  return { state, session: new LogSession(read, () => parseLine, SMALL) }
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => `line ${String(index).padStart(4, '0')}`)
const shown = (session: LogSession) => session.get().window?.lines.map((line) => Number(line.raw.slice(5)))

describe('a log session', () => {
  it('opens at the head, reads on, and gives up what is far behind', async () => {
    const { session } = fileOf(rows(20))
    await session.open('head')
    expect(shown(session)).toEqual([0, 1, 2])
    await session.later()
    expect(shown(session)).toEqual([0, 1, 2, 3, 4, 5])
    await session.later()
    expect(shown(session)).toEqual([3, 4, 5, 6, 7, 8])
    expect(session.get().window?.firstLine).toBe(4)
    await session.earlier()
    expect(shown(session)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('opens at the tail and follows what is written', async () => {
    const { session, state } = fileOf(rows(20))
    await session.open('tail')
    expect(shown(session)).toEqual([17, 18, 19])
    state.text += 'line 0020\n'
    await session.later()
    expect(shown(session)).toEqual([17, 18, 19, 20])
    expect(session.hasLater).toBe(false)
  })

  it('looks through the rest of the file in both directions', async () => {
    const { session } = fileOf(rows(40))
    await session.open('head')
    expect(await session.scan((line) => line.raw.endsWith('0031'), true)).toBe(true)
    expect(shown(session)).toContain(31)
    expect(await session.scan((line) => line.raw.endsWith('0002'), false)).toBe(true)
    expect(shown(session)).toContain(2)
    expect(await session.scan((line) => line.raw === 'nowhere', true)).toBe(false)
    expect(session.get().busy).toBeNull()
  })

  it('finds the first error of a log whose server does not know it', async () => {
    const { session } = fileOf([...rows(12), 'ERROR x12', ...rows(3)])
    await session.open('head')
    expect(await session.scan(isError, true, 0)).toBe(true)
    expect(session.get().window?.lines.some(isError)).toBe(true)
  })

  it('keeps what it has when a part cannot be read, and goes on when it can again', async () => {
    const { session, state } = fileOf(rows(10))
    await session.open('head')
    state.fails = true
    await session.later()
    expect(session.get()).toMatchObject({ status: 'ready', busy: null })
    expect(session.get().error?.message).toBe('gone')
    expect(shown(session)).toEqual([0, 1, 2])
    state.fails = false
    await session.later()
    expect(session.get().error).toBeNull()
    expect(shown(session)).toHaveLength(6)
  })

  it('says that it failed when there was nothing yet', async () => {
    const { session, state } = fileOf(rows(3))
    state.fails = true
    await session.open('head')
    expect(session.get().status).toBe('failed')
  })

  it('reads to the end page by page', async () => {
    const { session } = fileOf(rows(20))
    await session.open('head')
    await session.toEnd()
    expect(shown(session)?.at(-1)).toBe(19)
    expect(session.get().target).toBe('tail')
  })

  it('takes pushed text that follows on, and only notes text that does not', async () => {
    const { session } = fileOf(rows(3))
    await session.open('tail')
    session.push({ size: 40, offset: 30, next: 40, complete: false, text: 'line 0003\n' })
    expect(shown(session)).toEqual([0, 1, 2, 3])
    session.push({ size: 90, offset: 80, next: 90, complete: false, text: 'line 0009\n' })
    expect(shown(session)).toEqual([0, 1, 2, 3])
    expect(session.hasLater).toBe(true)
  })

  it('asks once while an answer is under way', async () => {
    const { session, state } = fileOf(rows(20))
    await session.open('head')
    const before = state.asked.length
    await Promise.all([session.later(), session.later(), session.earlier()])
    expect(state.asked.length).toBe(before + 1)
  })
})
