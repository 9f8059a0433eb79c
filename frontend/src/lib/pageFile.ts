/** A drill-down page as a file: what it shows, made by the server. */
import { parseFilters } from './filters'
import { viewSearch, type View } from './view'

export type FileKind = 'csv' | 'xlsx'

const OWN_PATHS: Readonly<Record<string, string>> = {
  '/supply': 'backlog',
  '/operations/uptime': 'uptime',
}

/** The metric that the page at a path is about; null where it is not about one. */
export function metricAt(path: string): string | null {
  return OWN_PATHS[path] ?? /^\/[^/]+\/kpis\/([^/]+)$/.exec(path)?.[1] ?? null
}

/** The file of a metric's page, with the view, the filters and the dimensions of its URL. */
export function pageFileHref(metric: string, kind: FileKind, view: View, search: string): string {
  const asked = new URLSearchParams(search)
  const own = new URLSearchParams(parseFilters(search))
  for (const name of ['by', 'drivers_by']) {
    const dimension = asked.get(name)
    if (dimension !== null) own.set(name, dimension)
  }
  return `/api/kpis/${metric}.${kind}?${viewSearch(view, own.toString())}`
}
