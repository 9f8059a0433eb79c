import type { Kpi } from '@/api/types'
import { Icon } from '@/components/Icon'
import { ViewLink } from '@/components/ViewLink'
import { useKiosk } from '@/lib/kiosk'
import styles from './KpiWays.module.css'

/** A number's name: the whole card around it opens the definition. On a wall it is a name only. */
export function InspectButton({ kpi, onInspect }: { kpi: Kpi; onInspect: () => void }) {
  const [isKiosk] = useKiosk()
  if (isKiosk) return kpi.label
  return (
    <button
      type="button"
      className={styles.inspect}
      title={kpi.definition}
      aria-haspopup="dialog"
      data-drilldown
      onClick={onInspect}
    >
      {kpi.label}
    </button>
  )
}

/** The way to a number's page. */
export function PageLink({ kpi }: { kpi: Kpi }) {
  return (
    <ViewLink
      className={styles.page}
      to={kpi.drilldown}
      title={`Open the page of ${kpi.label}`}
      aria-label={kpi.label}
      data-drilldown
    >
      <Icon name="chevron" />
    </ViewLink>
  )
}
