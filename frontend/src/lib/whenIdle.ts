const SETTLED_MS = 300

/**
 * Runs `work` when the browser has nothing better to do, and not before what is being drawn now
 * has been seen: loading ahead must not delay the screen it waits for. Answers how to call it off.
 */
export function whenIdle(work: () => void): () => void {
  let cancelIdle: (() => void) | undefined
  const timer = setTimeout(() => {
    if (typeof requestIdleCallback !== 'function') {
      work() // Safari has no idle callback
      return
    }
    const handle = requestIdleCallback(work, { timeout: 5000 })
    cancelIdle = () => {
      cancelIdleCallback(handle)
    }
  }, SETTLED_MS)
  return () => {
    clearTimeout(timer)
    cancelIdle?.()
  }
}
