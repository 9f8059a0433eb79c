import { DashboardPage } from '@/features/executive/DashboardPage'

export function DashboardRoute() {
  return <DashboardPage />
}
