import { useEffect, useState } from 'react'
import { afterPaint } from './afterPaint'

/**
 * The value, but late: it changes once what depends on the newest one directly is on the screen.
 * For what may follow the numbers, so that they need not wait for it.
 */
export function useSettled<Value extends object>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    afterPaint(() => setSettled(value))
  }, [value])
  return settled
}
