/** One function a request: its key, its fetch, its type. Pages call `useQuery(...)` on them. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { NO_FILTERS, type Filters } from '@/lib/filters'
import { viewQuery, type View } from '@/lib/view'
import { api, body } from './client'
import type { AlertList, Dashboard } from './types'

const MINUTE_MS = 60_000
/** First part of the first screen's key. */
export const FIRST_SCREEN = 'executive-dashboard'
const DRIVERS = 'drivers'
const KPI = 'kpi'
const ROWS = 'rows'
/** What is computed from the data that the first screen shows: the first parts of its keys. */
export const BESIDE_FIRST_SCREEN = [DRIVERS, KPI, ROWS]

export function dashboardQuery(view: View) {
  return queryOptions({
    queryKey: [FIRST_SCREEN, view],
    queryFn: ({ signal }) =>
      body(api.GET('/api/executive-dashboard', { params: { query: viewQuery(view) }, signal })),
    placeholderData: keepPreviousData,
    staleTime: MINUTE_MS,
    refetchInterval: 2 * MINUTE_MS,
  })
}

/** Without `by` the server chooses the dimension that explains the change best. */
export function driversQuery(
  key: string,
  view: View,
  by: string | null = null,
  filters: Filters = NO_FILTERS,
) {
  return queryOptions({
    queryKey: [DRIVERS, key, view, by, filters],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/drivers/{key}', {
          params: {
            path: { key },
            query: { ...viewQuery(view), ...filters, ...(by === null ? {} : { by }) },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: MINUTE_MS,
  })
}

/** What one contribution is made of: an element `within` of the dimension `by`. */
export function innerDriversQuery(key: string, view: View, by: string, within: string) {
  return queryOptions({
    queryKey: [DRIVERS, key, view, by, within],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/drivers/{key}', {
          params: { path: { key }, query: { ...viewQuery(view), by, within } },
          signal,
        }),
      ),
    staleTime: MINUTE_MS,
  })
}

export function kpiQuery(
  key: string,
  view: View,
  by: string | null = null,
  filters: Filters = NO_FILTERS,
) {
  return queryOptions({
    queryKey: [KPI, key, view, by, filters],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/kpis/{key}', {
          params: {
            path: { key },
            query: { ...viewQuery(view), ...filters, ...(by === null ? {} : { by }) },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: MINUTE_MS,
  })
}

export function rowsQuery(
  key: string,
  view: View,
  page: number,
  pageSize: number,
  filters: Filters = NO_FILTERS,
  sort: string | null = null,
) {
  return queryOptions({
    queryKey: [ROWS, key, view, page, pageSize, filters, sort],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/kpis/{key}/rows', {
          params: {
            path: { key },
            query: {
              ...viewQuery(view),
              ...filters,
              ...(sort === null ? {} : { sort }),
              page,
              page_size: pageSize,
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: MINUTE_MS,
  })
}

/**
 * An answer as of now. What has not changed is not sent again (304): the browser answers from its own
 * store then, where the time in the body is still that of the first time.
 */
async function asOfNow<T extends { generated_at: string }>(answer: Promise<T>): Promise<T> {
  return { ...(await answer), generated_at: new Date().toISOString() }
}

/** `days` is 1 to 30. */
export function sloQuery(days: number) {
  return queryOptions({
    queryKey: ['slo', days],
    queryFn: ({ signal }) =>
      asOfNow(body(api.GET('/api/slo', { params: { query: { window: `${days}d` } }, signal }))),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE_MS,
  })
}

export function objectiveQuery(name: string, days: number) {
  return queryOptions({
    queryKey: ['slo', name, days],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/slo/{name}', {
          params: { path: { name }, query: { window: `${days}d` } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

export function releasesQuery(name: string, days: number) {
  return queryOptions({
    queryKey: ['slo', name, 'releases', days],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/slo/{name}/releases', {
          params: { path: { name }, query: { window: `${days}d` } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

export function alertHistoryQuery(alertId: number) {
  return queryOptions({
    queryKey: ['alert-history', alertId],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/alerts/{alert_id}/history', {
          params: { path: { alert_id: alertId } },
          signal,
        }),
      ),
  })
}

export const alertsQuery = queryOptions({
  queryKey: ['alerts'],
  queryFn: ({ signal }) => asOfNow(body(api.GET('/api/alerts', { signal }))),
})

/** The alerts that came with the first screen: as of now, unless that is a last good answer. */
export function alertsOf({ alerts, freshness }: Dashboard): AlertList {
  const { stale, generated_at: computed } = freshness
  return { alerts, generated_at: stale ? computed : new Date().toISOString() }
}
