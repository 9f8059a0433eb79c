import { describe, expect, it } from 'vitest'
import { Attention } from './attention'
import { mayMeasure } from './consent'
import { loadingTraceparent, traceIdOf } from './traceId'
import { uuid7 } from './uuid'

describe('ids', () => {
  it('are UUIDs of version 7', () => {
    expect(uuid7(1_700_000_000_123)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })

  it('begin with the time, so that they sort by it', () => {
    expect(uuid7(0x0123456789ab, new Uint8Array(10))).toBe('01234567-89ab-7000-8000-000000000000')
    expect(uuid7(1_700_000_000_000) < uuid7(1_700_000_000_001)).toBe(true)
  })

  it('carry all of their randomness but the version and the variant', () => {
    expect(uuid7(0, new Uint8Array(10).fill(0xff))).toBe('00000000-0000-7fff-bfff-ffffffffffff')
  })

  it('do not repeat within a millisecond', () => {
    expect(new Set(Array.from({ length: 1000 }, () => uuid7(1))).size).toBe(1000)
  })
})

describe('consent', () => {
  it('is refused by Global Privacy Control and by Do Not Track', () => {
    expect(mayMeasure({ globalPrivacyControl: true })).toBe(false)
    expect(mayMeasure({ doNotTrack: '1' })).toBe(false)
  })

  it('stands when neither is set', () => {
    expect(mayMeasure({ globalPrivacyControl: false, doNotTrack: '0' })).toBe(true)
    expect(mayMeasure({ doNotTrack: null })).toBe(true)
  })
})

describe('the trace of the document', () => {
  const timed = (name: string, description: string) => ({ serverTiming: [{ name, description }] })

  it('is read from the traceparent entry', () => {
    const id = '0af7651916cd43dd8448eb211c80319c'
    expect(traceIdOf(timed('traceparent', `00-${id}-b7ad6b7169203331-01`))).toBe(id)
  })

  it('is absent when there is none or it is malformed', () => {
    expect(traceIdOf(undefined)).toBeNull()
    expect(traceIdOf({})).toBeNull()
    expect(traceIdOf(timed('db', '12'))).toBeNull()
    expect(traceIdOf(timed('traceparent', 'nonsense'))).toBeNull()
  })

  it('goes on in what the page asks for while it loads, and no longer', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03'
    expect(loadingTraceparent(timed('traceparent', traceparent), 900)).toBe(traceparent)
    expect(loadingTraceparent(timed('traceparent', traceparent), 30_000)).toBeNull()
    expect(loadingTraceparent(timed('traceparent', 'x\nevil: 1'), 900)).toBeNull()
    expect(loadingTraceparent(undefined, 900)).toBeNull()
  })
})

describe('attention', () => {
  const at = { now: 0, wall: 1_000_000 }
  const clock = { now: () => at.now, wall: () => at.wall }
  const pass = (ms: number, slept = 0) => {
    at.now += ms
    at.wall += ms + slept
  }

  it('is unbroken while the page is visible and awake', () => {
    const attention = new Attention(clock, false)
    const since = at.now
    for (let beats = 0; beats < 10; beats += 1) {
      pass(5_000)
      attention.beat()
    }
    expect(attention.unbrokenSince(since)).toBe(true)
  })

  it('is broken from the start when the page opened hidden', () => {
    const attention = new Attention(clock, true)
    pass(10)
    attention.visibilityChanged(false)
    expect(attention.unbrokenSince(0)).toBe(false)
  })

  it('is broken by being hidden, and whole again for what begins later', () => {
    const attention = new Attention(clock, false)
    const before = at.now
    pass(10)
    attention.visibilityChanged(true)
    pass(10)
    attention.visibilityChanged(false)
    pass(10)
    expect(attention.unbrokenSince(before)).toBe(false)
    expect(attention.unbrokenSince(at.now - 5)).toBe(true)
  })

  it('is broken by a sleep that the page clock did not see', () => {
    const attention = new Attention(clock, false)
    const since = at.now
    pass(100, 60_000)
    expect(attention.unbrokenSince(since)).toBe(false)
  })

  it('is broken by a sleep that the page clock did see', () => {
    const attention = new Attention(clock, false)
    const since = at.now
    pass(60_000)
    expect(attention.unbrokenSince(since)).toBe(false)
  })
})
