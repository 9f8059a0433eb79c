import type { Dashboard } from '@/api/types'
import { AlertsPanel } from '@/features/alerts/AlertsPanel'
import { DashboardPage } from '@/features/executive/DashboardPage'

function action({ alerts, freshness }: Dashboard) {
  return <AlertsPanel seed={{ alerts, generated_at: freshness.generated_at }} />
}

/** The first screen with its Action column: two features that do not know each other. */
export function DashboardRoute() {
  return <DashboardPage action={action} />
}
