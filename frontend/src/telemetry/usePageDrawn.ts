import { useLayoutEffect } from 'react'
import { useLocation } from 'wouter'
import { useView } from '@/lib/useView'
import { viewSearch } from '@/lib/view'
import { pageDrawn } from './index'

/** Call on each page; `ready` when what the URL asks for is in the document, all of it. */
export function usePageDrawn(ready: boolean): void {
  const [path] = useLocation()
  const [view] = useView()
  const drawing = viewSearch(view)
  useLayoutEffect(() => {
    if (ready) pageDrawn(path)
  }, [ready, path, drawing])
}
