import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { dashboardQuery } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { Icon } from '@/components/Icon'
import { formatAge, formatDate } from '@/lib/format'
import { useNow } from '@/lib/useNow'
import { useView } from '@/lib/useView'
import { withView, type View } from '@/lib/view'
import styles from './Banners.module.css'

function Stale({ dashboard, unreachable }: { dashboard: Dashboard; unreachable: string | null }) {
  const age = formatAge(new Date(dashboard.freshness.generated_at), useNow())
  return (
    <p className={styles.banner} role="status">
      <Icon name="watch" />
      <span>
        <strong>Not current.</strong> {unreachable ?? 'The database is away.'} Last good numbers,
        computed <span className={styles.age}>{age === 'just now' ? age : `${age} ago`}</span>
      </span>
    </p>
  )
}

function EndsEarly({ last, view }: { last: string; view: View }) {
  const [path] = useLocation()
  return (
    <p className={styles.banner} role="status">
      <Icon name="low" />
      <span>
        The data end on {formatDate(last)}, before this window does.{' '}
        <Link href={withView(path, { ...view, asOf: last })} data-use="as_of">
          Show the company as of that day
        </Link>
      </span>
    </p>
  )
}

/**
 * What the reader must know before trusting the numbers. It comes while they read, so that nothing
 * makes room for it: see the stylesheet.
 */
export function Banners() {
  const [view] = useView()
  const { data, error, isPlaceholderData } = useQuery(dashboardQuery(view))
  if (data === undefined || isPlaceholderData) return null
  const { freshness, timeframe } = data
  const last = freshness.data_as_of
  if (freshness.stale || error !== null) {
    return <Stale dashboard={data} unreachable={error === null ? null : error.message} />
  }
  if (last === null || last >= timeframe.end_date) return null
  return <EndsEarly last={last} view={view} />
}
