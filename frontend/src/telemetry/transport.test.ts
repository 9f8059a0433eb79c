import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RumEvent } from './event'
import { createEventStore } from './eventStore'
import { retryAfterMs, Transport, type Answer } from './transport'

interface Sent {
  ids: string[]
  keepalive: boolean
  bytes: number
  sentAt: string
}

const GOOD: Answer = { status: 200, retryAfter: null }

function event(id: string, padding = 0): RumEvent {
  return {
    event_type: 'page_view',
    event_time: '2026-11-22T09:00:00.000Z',
    event_id: id,
    meta: { ttfb_ms: 1, to: 'x'.repeat(padding) },
  }
}

function start(answers: Answer[] = []) {
  const sent: Sent[] = []
  const held: (() => void)[] = []
  let hold = false
  const store = createEventStore(() => localStorage)
  const transport = new Transport({
    post: async (body, keepalive) => {
      const { events, sent_at } = JSON.parse(body) as { events: RumEvent[]; sent_at: string }
      const bytes = new TextEncoder().encode(body).length
      sent.push({ ids: events.map(({ event_id }) => event_id), keepalive, bytes, sentAt: sent_at })
      if (hold) await new Promise<void>((release) => held.push(release))
      return answers.shift() ?? GOOD
    },
    store,
    wall: () => Date.now(),
    random: () => 1,
    setTimer: (work, ms) => {
      setTimeout(work, ms)
    },
  })
  return {
    transport,
    sent,
    store,
    holdAnswers: () => (hold = true),
    release: () => {
      hold = false
      for (const go of held.splice(0)) go()
    },
  }
}

const ids = (sent: readonly Sent[]) => sent.map((batch) => batch.ids)

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T09:00:00Z') })
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('sending', () => {
  it('gathers events for five seconds and says when it sent them', async () => {
    const { transport, sent } = start()
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(3_000)
    transport.add(event('b'))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ids(sent)).toEqual([['a', 'b']])
    expect(sent[0]).toMatchObject({ keepalive: false, sentAt: '2026-11-22T09:00:05.000Z' })
  })

  it('sends no event twice once it is stored', async () => {
    const { transport, sent } = start()
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(60_000)
    void transport.leave()
    expect(ids(sent)).toEqual([['a']])
  })

  it.each([400, 415])('gives up a batch that is refused for good with %d', async (status) => {
    const { transport, sent, store } = start([{ status, retryAfter: null }])
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(ids(sent)).toEqual([['a']])
    expect(store.load()).toEqual([])
  })

  it('sends smaller batches after 413', async () => {
    const { transport, sent } = start([{ status: 413, retryAfter: null }])
    for (const id of ['a', 'b', 'c', 'd']) transport.add(event(id))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ids(sent)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b'],
      ['c', 'd'],
    ])
  })
})

describe('waiting', () => {
  it.each([429, 503])('repeats the same ids after %d, when Retry-After is over', async (status) => {
    const { transport, sent } = start([{ status, retryAfter: '120' }])
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(5_000 + 119_000)
    expect(ids(sent)).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ids(sent)).toEqual([['a'], ['a']])
  })

  it('waits longer after each failure in a row', async () => {
    const away: Answer = { status: 0, retryAfter: null }
    const { transport, sent } = start([away, away, away])
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(sent).toHaveLength(4)
  })

  it('does not ask more often when more events come meanwhile', async () => {
    const { transport, sent } = start([{ status: 503, retryAfter: '60' }])
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(5_000)
    transport.add(event('b'))
    void transport.leave()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(ids(sent)).toEqual([['a']])
  })

  it('waits as long as it is told when more events came while it was asking', async () => {
    const { transport, sent, holdAnswers, release } = start([{ status: 503, retryAfter: '120' }])
    holdAnswers()
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(6_000)
    transport.add(event('b'))
    await vi.advanceTimersByTimeAsync(1_000)
    release()
    await vi.advanceTimersByTimeAsync(119_000)
    expect(ids(sent)).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ids(sent)).toEqual([['a'], ['a', 'b']])
  })

  it('asks once a day of a server that wants to be asked in months', async () => {
    const { transport, sent } = start([{ status: 503, retryAfter: '7776000' }])
    transport.add(event('a'))
    await vi.advanceTimersByTimeAsync(23 * 60 * 60_000)
    expect(ids(sent)).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(2 * 60 * 60_000)
    expect(ids(sent)).toEqual([['a'], ['a']])
  })

  it('understands both forms of Retry-After', () => {
    const now = Date.parse('2026-11-22T09:00:00Z')
    expect(retryAfterMs('7', now)).toBe(7_000)
    expect(retryAfterMs('Sun, 22 Nov 2026 09:01:00 GMT', now)).toBe(60_000)
    expect(retryAfterMs('Sun, 22 Nov 2026 08:00:00 GMT', now)).toBe(0)
    expect(retryAfterMs('soon', now)).toBe(0)
    expect(retryAfterMs(null, now)).toBe(0)
  })
})

describe('leaving', () => {
  it('sends at once what is waiting, with keepalive', () => {
    const { transport, sent } = start()
    transport.add(event('a'))
    void transport.leave()
    expect(sent).toMatchObject([{ ids: ['a'], keepalive: true }])
  })

  it('keeps all that is in flight together below 64 KiB', () => {
    const { transport, sent, holdAnswers } = start()
    holdAnswers()
    for (let index = 0; index < 20; index += 1) transport.add(event(`e${index}`, 8_000))
    void transport.leave()
    void transport.leave()
    const bytes = sent.reduce((sum, batch) => sum + batch.bytes, 0)
    expect(bytes).toBeGreaterThan(32 * 1024)
    expect(bytes).toBeLessThan(64 * 1024)
    expect(new Set(ids(sent).flat()).size).toBe(ids(sent).flat().length)
  })

  it('leaves what was not answered to the next page, under the same id', async () => {
    const first = start()
    first.holdAnswers()
    first.transport.add(event('a'))
    void first.transport.leave()
    const next = start()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(ids(next.sent)).toEqual([['a']])
    expect(next.store.load()).toEqual([])
  })

  it('forgets what was stored after all', async () => {
    const { transport, store, holdAnswers, release } = start()
    holdAnswers()
    transport.add(event('a'))
    void transport.leave()
    expect(store.load()).toHaveLength(1)
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(store.load()).toEqual([])
  })
})

describe('the store', () => {
  it('keeps the newest hundred', () => {
    const store = createEventStore(() => localStorage)
    store.add(Array.from({ length: 150 }, (_, index) => event(`e${index}`)))
    const kept = store.load().map(({ event_id }) => event_id)
    expect(kept).toHaveLength(100)
    expect(kept.at(-1)).toBe('e149')
  })

  it('starts empty when what it finds is not its own', () => {
    localStorage.setItem('execdash.events', '{"not":"events"}')
    expect(createEventStore(() => localStorage).load()).toEqual([])
    localStorage.setItem('execdash.events', 'nonsense')
    expect(createEventStore(() => localStorage).load()).toEqual([])
  })

  it('does not mind a browser that forbids storage', () => {
    const store = createEventStore(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    store.add([event('a')])
    expect(store.load()).toEqual([])
  })
})
