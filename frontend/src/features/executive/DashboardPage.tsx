import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { ApiProblem } from '@/api/problem'
import { dashboardQuery } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { Notice } from '@/components/Notice'
import { ViewLink } from '@/components/ViewLink'
import { useView } from '@/lib/useView'
import { whenIdle } from '@/lib/whenIdle'
import { reportUse } from '@/telemetry'
import { usePageDrawn } from '@/telemetry/usePageDrawn'
import { DashboardSkeleton } from './DashboardSkeleton'
import { hasNoRows } from './emptiness'
import { NoDataYet } from './NoDataYet'
import { Screen } from './Screen'

const REHEARSALS = 2

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

/**
 * Draws the page anew when the browser is idle, though nothing has changed: what runs for the first
 * time runs slowly, and the reader's first switch should not be that time.
 */
function useRehearsal(): void {
  const [times, setTimes] = useState(0)
  useEffect(() => {
    if (times === REHEARSALS) return undefined
    return whenIdle(() => setTimes(times + 1))
  }, [times])
}

/** The first screen: ten numbers, why they moved, what to do. */
export function DashboardPage({ action }: Props) {
  const [view, change] = useView()
  const { data, error, isPlaceholderData, refetch } = useQuery(dashboardQuery(view))
  const failed = error !== null && (data === undefined || isPlaceholderData)
  const isEmpty = data !== undefined && hasNoRows(data)
  useRehearsal()
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
      onCompare={(compare) => {
        change({ compare })
        reportUse('compare')
      }}
    />
  )
}
