import { useEffect, useState } from 'react'
import { whenIdle } from './whenIdle'

/** False until the browser has nothing better to do: what is not seen at first can come then. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(
    () =>
      whenIdle(() => {
        setIdle(true)
      }),
    [],
  )
  return idle
}
