import { alertsOf } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { AlertsPanel } from '@/features/alerts/AlertsPanel'
import { DashboardPage } from '@/features/executive/DashboardPage'

function action(dashboard: Dashboard) {
  return <AlertsPanel seed={alertsOf(dashboard)} />
}

/** The first screen with its Action column: two features that do not know each other. */
export function DashboardRoute() {
  return <DashboardPage action={action} />
}
