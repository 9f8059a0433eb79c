import { useEffect, useState } from 'react'

export type Engine = typeof import('./engine')

/** Runs `work` when the browser has nothing better to do. Answers how to call it off. */
function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const handle = requestIdleCallback(work, { timeout: 3000 })
    return () => {
      cancelIdleCallback(handle)
    }
  }
  const handle = setTimeout(work, 300) // Safari has no idle callback
  return () => {
    clearTimeout(handle)
  }
}

/** The chart library: `null` until it is here, `'failed'` when it cannot be had. */
export function useEngine(urgent: boolean): Engine | 'failed' | null {
  const [engine, setEngine] = useState<Engine | 'failed' | null>(null)
  useEffect(() => {
    let wanted = true
    const settle = (outcome: Engine | 'failed') => {
      if (wanted) setEngine(outcome)
    }
    const load = () => {
      import('./engine').then(settle, () => {
        settle('failed')
      })
    }
    if (urgent) load()
    const cancel = urgent ? null : whenIdle(load)
    return () => {
      wanted = false
      cancel?.()
    }
  }, [urgent])
  return engine
}
