/** Runs `work` when the browser has nothing better to do. Answers how to call it off. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const handle = requestIdleCallback(work, { timeout: 5000 })
    return () => cancelIdleCallback(handle)
  }
  const handle = setTimeout(work, 500) // Safari has no idle callback
  return () => clearTimeout(handle)
}
