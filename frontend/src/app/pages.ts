import { lazy } from 'react'

const loaders = {
  drilldown: () => import('@/features/drilldown/DrilldownPage'),
  supply: () => import('@/features/drilldown/SupplyPage'),
  uptime: () => import('@/features/drilldown/UptimePage'),
  reliability: () => import('@/features/reliability/ReliabilityPage'),
}

export const DrilldownPage = lazy(loaders.drilldown)
export const SupplyPage = lazy(loaders.supply)
export const UptimePage = lazy(loaders.uptime)
export const ReliabilityPage = lazy(loaders.reliability)

/** Fetches the code of every page, so that a click does not wait for it. */
export function preloadPages(): void {
  // A page that cannot be fetched now is fetched again, with its error shown, when it is opened.
  for (const load of Object.values(loaders)) load().catch(() => undefined)
}
