import { useEffect, useState } from 'react'
import { whenIdle } from '@/lib/whenIdle'

export type Engine = typeof import('./engine')

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
