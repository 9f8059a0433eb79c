import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiProblem } from '@/api/problem'
import { dashboardQuery } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { Notice } from '@/components/Notice'
import { ViewLink } from '@/components/ViewLink'
import { useView } from '@/lib/useView'
import { usePageDrawn } from '@/telemetry/usePageDrawn'
import { DashboardSkeleton } from './DashboardSkeleton'
import { hasNoRows } from './emptiness'
import { NoDataYet } from './NoDataYet'
import { Screen } from './Screen'

interface Props {
  /** The Action column, made from the alerts that came with the screen. */
  action: (dashboard: Dashboard) => ReactNode
}

function Unavailable({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const refused = error instanceof ApiProblem && error.status === 400
  return (
    <Notice
      title={refused ? 'This view is not available' : 'The numbers cannot be shown now'}
      tone="act"
      onRetry={refused ? undefined : onRetry}
    >
      <p>{error.message}</p>
      {refused && <a href="/dashboard">Show the current view</a>}
      {!refused && (
        <p>
          Nothing is lost; the page tries again by itself. Meanwhile:{' '}
          <ViewLink to="/reliability">reliability</ViewLink>.
        </p>
      )}
    </Notice>
  )
}

/** The first screen: ten numbers, why they moved, what to do. */
export function DashboardPage({ action }: Props) {
  const [view, change] = useView()
  const { data, error, isPlaceholderData, refetch } = useQuery(dashboardQuery(view))
  const failed = error !== null && (data === undefined || isPlaceholderData)
  const isEmpty = data !== undefined && hasNoRows(data)
  usePageDrawn(data !== undefined && !isEmpty && !isPlaceholderData && !failed)
  if (failed) return <Unavailable error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <DashboardSkeleton />
  if (isEmpty) return <NoDataYet />
  return (
    <Screen
      dashboard={data}
      view={view}
      busy={isPlaceholderData}
      action={action(data)}
      onCompare={(compare) => change({ compare })}
    />
  )
}
