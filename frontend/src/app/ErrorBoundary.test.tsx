import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { recordWith } from '@/telemetry'
import { ErrorBoundary } from './ErrorBoundary'

const reported = vi.fn()

beforeEach(() => {
  reported.mockClear()
  recordWith({ clientError: reported } as unknown as Parameters<typeof recordWith>[0])
})
afterEach(() => {
  cleanup()
  recordWith(null)
  window.history.replaceState(null, '', '/')
  vi.useRealTimers()
})

function Broken(): never {
  throw new RangeError('a secret')
}

const open = () =>
  render(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  )

it('says that a page failed, and reports what kind of mistake it was, not what it said', () => {
  open()
  expect(screen.getByText('This page failed')).toBeTruthy()
  expect(reported.mock.calls).toEqual([['RangeError', 'render', '/']])
})

it('tries again by itself on a wall, where nobody can press a button', () => {
  vi.useFakeTimers()
  const timer = vi.spyOn(globalThis, 'setTimeout')
  open()
  const elsewhere = timer.mock.calls.filter(([, delay]) => delay === 60_000)
  window.history.replaceState(null, '', '/dashboard?kiosk=1')
  cleanup()
  open()
  const onWall = timer.mock.calls.filter(([, delay]) => delay === 60_000)
  expect([elsewhere.length, onWall.length]).toEqual([0, 1])
})
