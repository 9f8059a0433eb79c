import { Suspense } from 'react'
import { Redirect, Route, Switch, useSearch } from 'wouter'
import { Skeleton } from '@/components/Skeleton'
import { DashboardRoute } from './DashboardRoute'
import { NotFound } from './NotFound'
import { DrilldownPage, ReliabilityPage, SignInPage, SupplyPage, UptimePage } from './pages'

const SECTIONS = ['sales', 'supply', 'finance', 'operations']

function KpiRoute({ section, metric }: { section: string; metric: string }) {
  if (!SECTIONS.includes(section)) return <NotFound />
  return <DrilldownPage key={metric} metric={metric} section={section} />
}

function RootRedirect() {
  const search = useSearch()
  return <Redirect to={search === '' ? '/dashboard' : `/dashboard?${search}`} replace />
}

export function Routes() {
  return (
    <Suspense fallback={<Skeleton height="60vh" />}>
      <Switch>
        <Route path="/" component={RootRedirect} />
        <Route path="/dashboard" component={DashboardRoute} />
        <Route path="/operations/uptime" component={UptimePage} />
        <Route path="/supply" component={SupplyPage} />
        <Route path="/reliability" component={ReliabilityPage} />
        <Route path="/sign-in" component={SignInPage} />
        <Route path="/:section/kpis/:metric">{(params) => <KpiRoute {...params} />}</Route>
        <Route component={NotFound} />
      </Switch>
    </Suspense>
  )
}
