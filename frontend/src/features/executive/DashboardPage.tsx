import { useQuery } from '@tanstack/react-query'
import { dashboardQuery } from '@/api/queries'
import { useView } from '@/lib/useView'

export function DashboardPage() {
  const [view] = useView()
  const dashboard = useQuery(dashboardQuery(view))
  return <p>{dashboard.data?.executiveKpis.length}</p>
}
