import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { prefetchInTurn } from './prefetch'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Fetches that take a second each and note when they began. */
function fetches(outcomes: readonly ('good' | 'bad')[]) {
  const began: number[] = []
  const start = Date.now()
  const all = outcomes.map((outcome) => async () => {
    began.push(Date.now() - start)
    await new Promise((done) => setTimeout(done, 1000))
    if (outcome === 'bad') throw new Error('away')
  })
  return { began, all }
}

describe('fetching ahead', () => {
  it('waits for an idle moment and then fetches one after the other, failures included', async () => {
    const { began, all } = fetches(['good', 'bad', 'good'])
    prefetchInTurn(all)
    expect(began).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    const [first = NaN] = began
    expect(began.map((at) => at - first)).toEqual([0, 1000, 2000])
  })

  it('begins nothing more once it is called off', async () => {
    const { began, all } = fetches(['good', 'good'])
    const cancel = prefetchInTurn(all)
    await vi.advanceTimersByTimeAsync(1000)
    cancel()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(began).toHaveLength(1)
  })
})
