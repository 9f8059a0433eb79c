import { lazy } from 'react'

const loaders = {
  drilldown: () => import('@/features/drilldown/DrilldownPage'),
  supply: () => import('@/features/drilldown/SupplyPage'),
  uptime: () => import('@/features/drilldown/UptimePage'),
  reliability: () => import('@/features/reliability/ReliabilityPage'),
}

export const SignInPage = lazy(() => import('@/features/session/SignInPage'))

export const DrilldownPage = lazy(loaders.drilldown)
export const SupplyPage = lazy(loaders.supply)
export const UptimePage = lazy(loaders.uptime)
export const ReliabilityPage = lazy(loaders.reliability)

/** Fetches the code of every page, so that a click does not wait for it. */
export async function preloadPages(): Promise<void> {
  for (const load of Object.values(loaders)) await load()
}
