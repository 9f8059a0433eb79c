import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Poller, type PollTiming } from './poll'

const TIMING: PollTiming = { intervalMs: 30_000, jitterMs: 2_000 }

function start({
  random = () => 0.5,
  tookMs = 0,
}: { random?: () => number; tookMs?: number } = {}) {
  const polls: number[] = []
  const page = { visible: true }
  const poller = new Poller(
    {
      run: async () => {
        polls.push(Date.now())
        if (tookMs > 0) await new Promise((done) => setTimeout(done, tookMs))
      },
      isVisible: () => page.visible,
      now: () => Date.now(),
      random,
      setTimer: (work, ms) => window.setTimeout(work, ms),
      clearTimer: (timer) => {
        clearTimeout(timer)
      },
    },
    TIMING,
  )
  const show = (visible: boolean) => {
    page.visible = visible
    poller.visibilityChanged()
  }
  return { polls, poller, show }
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('polling', () => {
  it('asks every 30 seconds', async () => {
    const { polls } = start()
    await vi.advanceTimersByTimeAsync(95_000)
    expect(polls).toEqual([30_000, 60_000, 90_000])
  })

  it('is early or late by at most the jitter', async () => {
    const early = start({ random: () => 0 })
    const late = start({ random: () => 1 })
    await vi.advanceTimersByTimeAsync(32_000)
    expect(early.polls).toEqual([28_000])
    expect(late.polls).toEqual([32_000])
  })

  it('counts the pause from the end of a slow poll, and never runs two at once', async () => {
    const { polls } = start({ tookMs: 40_000 })
    await vi.advanceTimersByTimeAsync(101_000)
    expect(polls).toEqual([30_000, 100_000])
  })

  it('rests while nobody looks', async () => {
    const { polls, show } = start()
    show(false)
    await vi.advanceTimersByTimeAsync(300_000)
    expect(polls).toEqual([])
  })

  it('asks at once when the page comes back late', async () => {
    const { polls, show } = start()
    show(false)
    await vi.advanceTimersByTimeAsync(300_000)
    show(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(polls).toEqual([300_000])
  })

  it('keeps its pace when the page comes back soon', async () => {
    const { polls, show } = start()
    await vi.advanceTimersByTimeAsync(10_000)
    show(false)
    await vi.advanceTimersByTimeAsync(5_000)
    show(true)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(polls).toEqual([30_000])
  })

  it('ends when it is stopped, also in the middle of a poll', async () => {
    const { polls, poller } = start({ tookMs: 5_000 })
    await vi.advanceTimersByTimeAsync(31_000)
    poller.stop()
    await vi.advanceTimersByTimeAsync(300_000)
    expect(polls).toEqual([30_000])
  })
})
