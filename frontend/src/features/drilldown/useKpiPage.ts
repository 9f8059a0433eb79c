import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { driversQuery, kpiQuery, rowsQuery } from '@/api/queries'
import type { Drivers, KpiDetail, Rows } from '@/api/types'
import { useParam, useView } from '@/lib/useView'
import type { View } from '@/lib/view'
import { pageFrom } from './rows'

const PAGE_SIZE = 25

export interface KpiPageState {
  view: View
  detail: UseQueryResult<KpiDetail>
  drivers: UseQueryResult<Drivers>
  rows: UseQueryResult<Rows>
  page: number
  setBy: (by: string) => void
  setDriversBy: (by: string) => void
  setPage: (page: number) => void
  /** Whether everything that the URL asks for has an answer, even if that is an error. */
  settled: boolean
}

function isSettled(query: UseQueryResult): boolean {
  return !query.isPending && !query.isPlaceholderData
}

/** All that a drill-down page asks for, at once: no request waits for another one. */
export function useKpiPage(metric: string): KpiPageState {
  const [view] = useView()
  const [by, setBy] = useParam('by')
  const [driversBy, setDriversBy] = useParam('drivers_by')
  const [pageText, setPageText] = useParam('page')
  const page = pageFrom(pageText)
  const detail = useQuery(kpiQuery(metric, view, by))
  const drivers = useQuery(driversQuery(metric, view, driversBy))
  const rows = useQuery(rowsQuery(metric, view, page, PAGE_SIZE))
  return {
    view,
    detail,
    drivers,
    rows,
    page,
    setBy,
    setDriversBy,
    setPage: (next) => {
      setPageText(next === 1 ? null : String(next))
    },
    settled: isSettled(detail) && isSettled(drivers) && isSettled(rows),
  }
}
