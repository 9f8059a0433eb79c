import { afterEach, expect, it, vi } from 'vitest'
import { recordWith, reportUse, sendBeforeLeaving } from './index'
import { Recorder } from './recorder'
import { startRecorder } from './start'

afterEach(() => {
  recordWith(null)
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it.each([{ globalPrivacyControl: true }, { doNotTrack: '1' }])(
  'notes and sends nothing for a reader with %o',
  async (preferences) => {
    const emit = vi.spyOn(performance, 'mark')
    const fetch = vi.fn()
    vi.stubGlobal('fetch', fetch)
    vi.stubGlobal('navigator', preferences)
    recordWith(startRecorder(null))
    reportUse('theme')
    await sendBeforeLeaving()
    expect(emit).not.toHaveBeenCalled()
    expect(fetch).not.toHaveBeenCalled()
  },
)

it('does not wait for long before a reader signs out', async () => {
  vi.useFakeTimers()
  const forever = vi
    .spyOn(Recorder.prototype, 'leave')
    .mockReturnValue(new Promise(() => undefined))
  recordWith(Object.create(Recorder.prototype) as Recorder)
  const left = sendBeforeLeaving()
  await vi.advanceTimersByTimeAsync(1_000)
  await left
  expect(forever).toHaveBeenCalledOnce()
  vi.useRealTimers()
})
