import { useLayoutEffect, useState, type RefObject } from 'react'
import type { Size } from './spec'

/**
 * The size of an element's box, kept up to date; `null` until it has one.
 * It is measured only when `wanted`: asking the browser for a size makes it lay out the page.
 */
export function useSize(element: RefObject<HTMLElement | null>, wanted: boolean): Size | null {
  const [size, setSize] = useState<Size | null>(null)
  useLayoutEffect(() => {
    const target = element.current
    if (target === null || !wanted) return undefined
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = target
      setSize((old) => {
        if (width === 0 || height === 0) return null
        const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
        const same = old?.width === width && old.height === height && old.rem === rem
        return same ? old : { width, height, rem }
      })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element, wanted])
  return size
}
