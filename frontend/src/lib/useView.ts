import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { parseFilters, withFilter, type FilterName, type Filters } from './filters'
import { parseView, viewSearch, type View } from './view'

/** The view of the URL, and a way to change parts of it as a new step of the history. */
export function useView(): [View, (change: Partial<View>) => void] {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const view = parseView(search)
  const change = useCallback(
    (part: Partial<View>) => {
      navigate(`${path}?${viewSearch({ ...view, ...part }, search)}`)
    },
    [navigate, path, search, view],
  )
  return [view, change]
}

/** One more parameter of the URL (a filter, a focus); null leaves it out. */
export function useParam(name: string): [string | null, (value: string | null) => void] {
  const search = useSearch()
  const [, navigate] = useLocation()
  const value = useMemo(() => new URLSearchParams(search).get(name), [search, name])
  const change = useCallback(
    (next: string | null) => {
      const params = new URLSearchParams(location.search) // as it is then: the function stays
      if (next === null) params.delete(name)
      else params.set(name, next)
      navigate(`${location.pathname}?${params.toString()}`)
    },
    [name, navigate],
  )
  return [value, change]
}

/** The filters of the URL, and a way to set one; null takes it away. */
export function useFilters(): [Filters, (name: FilterName, element: string | null) => void] {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const filters = useMemo(() => parseFilters(search), [search])
  const change = useCallback(
    (name: FilterName, element: string | null) => {
      navigate(`${path}?${withFilter(search, name, element)}`)
    },
    [navigate, path, search],
  )
  return [filters, change]
}
