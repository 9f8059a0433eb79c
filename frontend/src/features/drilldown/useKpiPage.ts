import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLocation, useSearch } from 'wouter'
import { prefetchInTurn } from '@/api/prefetch'
import { driversQuery, kpiQuery, rowsQuery } from '@/api/queries'
import type { Drivers, KpiDetail, Rows } from '@/api/types'
import type { Sorting } from '@/components/RowsView'
import type { FilterName, Filters } from '@/lib/filters'
import { useFilters, useParam, useView } from '@/lib/useView'
import { neighbours, type View } from '@/lib/view'
import { pageFrom, withSort } from '@/lib/rows'
import { reportUse } from '@/telemetry'

const PAGE_SIZE = 25

/** `drivers` is undefined while they are fetched. */
export interface DriversState {
  drivers: Drivers | undefined
  error: Error | null
  retry: () => void
}

export interface KpiPageState {
  view: View
  filters: Filters
  setFilter: (name: FilterName, element: string | null) => void
  detail: UseQueryResult<KpiDetail>
  drivers: DriversState
  rows: UseQueryResult<Rows>
  page: number
  sorting: Sorting
  setBy: (by: string) => void
  setDriversBy: (by: string) => void
  setPage: (page: number) => void
  /** Whether everything that the URL asks for has an answer, even if that is an error. */
  settled: boolean
}

/** What a page is about. */
interface Question {
  metric: string
  view: View
  filters: Filters
}

function isSettled(query: UseQueryResult): boolean {
  return !query.isPending && !query.isPlaceholderData
}

/** The detail brings its own drivers; another dimension of theirs is a request of its own. */
function useDrivers(
  { metric, view, filters }: Question,
  by: string | null,
  detail: KpiDetail | undefined,
) {
  const query = useQuery({ ...driversQuery(metric, view, by, filters), enabled: by !== null })
  const asked: DriversState = {
    drivers: query.data,
    error: query.error,
    retry: () => void query.refetch(),
  }
  const own: DriversState = { drivers: detail?.drivers, error: null, retry: () => undefined }
  return { state: by === null ? own : asked, settled: by === null || isSettled(query) }
}

/** In which order the rows are: it lives in the URL. */
function useSorting(): Sorting {
  const search = useSearch()
  const [path, navigate] = useLocation()
  return {
    sort: new URLSearchParams(search).get('sort'),
    onSort: (sort) => {
      navigate(`${path}?${withSort(search, sort)}`)
    },
  }
}

/** Once the reader has an answer: what a switch of the window will ask for. */
function useNeighbours(
  { metric, view, filters }: Question,
  { by, sort }: { by: string | null; sort: string | null },
  settled: boolean,
): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!settled) return undefined
    return prefetchInTurn(
      neighbours(view).flatMap((other) => [
        () => client.query(kpiQuery(metric, other, by, filters)),
        () => client.query(rowsQuery(metric, other, 1, PAGE_SIZE, filters, sort)),
      ]),
    )
  }, [client, metric, view, filters, by, sort, settled])
}

/** All that a drill-down page asks for, at once: no request waits for another one. */
export function useKpiPage(metric: string): KpiPageState {
  const [view] = useView()
  const [filters, setFilter] = useFilters()
  const [by, setBy] = useParam('by')
  const [driversBy, setDriversBy] = useParam('drivers_by')
  const [pageText, setPageText] = useParam('page')
  const page = pageFrom(pageText)
  const sorting = useSorting()
  const detail = useQuery(kpiQuery(metric, view, by, filters))
  const drivers = useDrivers({ metric, view, filters }, driversBy, detail.data)
  const rows = useQuery(rowsQuery(metric, view, page, PAGE_SIZE, filters, sorting.sort))
  const settled = isSettled(detail) && drivers.settled && isSettled(rows)
  useNeighbours({ metric, view, filters }, { by, sort: sorting.sort }, settled && detail.isSuccess)
  return {
    view,
    filters,
    setFilter,
    detail,
    drivers: drivers.state,
    rows,
    page,
    sorting,
    setBy,
    setDriversBy,
    setPage: (next) => {
      setPageText(next === 1 ? null : String(next))
      reportUse('rows')
    },
    settled,
  }
}
