import { useEffect, useRef, type RefObject } from 'react'

/** Begins each further page at its top, with the focus on it; going back keeps the old place. */
export function useArrival(path: string, main: RefObject<HTMLElement | null>): void {
  const arrived = useRef(path)
  const wentBack = useRef(false)
  useEffect(() => {
    const onPop = () => {
      wentBack.current = true
    }
    addEventListener('popstate', onPop)
    return () => {
      removeEventListener('popstate', onPop)
    }
  }, [])
  useEffect(() => {
    if (arrived.current !== path) {
      main.current?.focus({ preventScroll: true })
      if (!wentBack.current) scrollTo(0, 0)
    }
    arrived.current = path
    wentBack.current = false
  }, [path, main])
}
