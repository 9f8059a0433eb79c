/** Which elements of dimensions a page is about. They live in the URL beside the view. */
export const FILTER_NAMES = [
  'region',
  'segment',
  'product',
  'customer',
  'type',
  'service',
  'stage',
  'deal',
] as const
export type FilterName = (typeof FILTER_NAMES)[number]
export type Filters = Partial<Record<FilterName, string>>

export const NO_FILTERS: Filters = {}

/** The filters of a query string; an empty one is none. */
export function parseFilters(search: string): Filters {
  const params = new URLSearchParams(search)
  return Object.fromEntries(
    FILTER_NAMES.flatMap((name) => {
      const element = params.get(name)
      return element === null || element === '' ? [] : [[name, element]]
    }),
  )
}

/** The same query string with one filter set, or without it; rows start at their first page. */
export function withFilter(search: string, name: FilterName, element: string | null): string {
  const params = new URLSearchParams(search)
  params.delete('page')
  if (element === null) params.delete(name)
  else params.set(name, element)
  return params.toString()
}

export function isFilterName(name: string): name is FilterName {
  return FILTER_NAMES.some((known) => known === name)
}

/** Sums of what a breakdown does not name: no element can be picked there. */
export function isElement(name: string): boolean {
  return !/^(Other \(\d+\)|\(not broken down\))$/.test(name)
}
