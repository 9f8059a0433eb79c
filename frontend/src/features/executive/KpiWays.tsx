import { memo } from 'react'
import type { Kpi, KpiKey } from '@/api/types'
import { Icon } from '@/components/Icon'
import { ViewLink } from '@/components/ViewLink'
import { useIsKiosk } from '@/lib/kiosk'
import { reportUse } from '@/telemetry'
import styles from './KpiWays.module.css'

/* What leads on from a number has the same name in every window: a switch passes over it. */

interface InspectProps extends Pick<Kpi, 'label' | 'definition'> {
  metric: KpiKey
  onInspect: (metric: KpiKey) => void
}

/** A number's name: the whole card around it opens the definition. On a wall it is a name only. */
export const InspectButton = memo(function InspectButton({
  metric,
  label,
  definition,
  onInspect,
}: InspectProps) {
  if (useIsKiosk()) return label
  return (
    <button
      type="button"
      className={styles.inspect}
      title={definition}
      aria-haspopup="dialog"
      data-drilldown
      onClick={() => {
        onInspect(metric)
        reportUse('definition', metric)
      }}
    >
      {label}
    </button>
  )
})

/** Pages that numbers without one of their own lead to. */
const SHARED: Readonly<Record<string, string>> = {
  '/finance/kpis/revenue': 'Recognized Revenue',
  '/supply': 'Backlog',
  '/sales/kpis/pipeline': 'Open Pipeline',
}

/** The way to a number's page; where that is another number's, its name says so. */
export const PageLink = memo(function PageLink({
  label,
  drilldown,
}: Pick<Kpi, 'label' | 'drilldown'>) {
  const page = SHARED[drilldown] ?? label
  return (
    <ViewLink
      className={styles.page}
      to={drilldown}
      title={`Open the page of ${page}`}
      aria-label={page === label ? label : `${label}: the page of ${page}`}
      data-drilldown
    >
      <Icon name="chevron" />
    </ViewLink>
  )
})
