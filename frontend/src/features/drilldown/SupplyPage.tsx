import { ViewLink } from '@/components/ViewLink'
import { KpiPage } from './KpiPage'
import { RollForwardCard } from './RollForwardCard'
import styles from './SupplyPage.module.css'

/** Backlog: what was ordered and not delivered, and whether its books close. */
export default function SupplyPage() {
  return (
    <KpiPage
      metric="backlog"
      title="Supply: backlog"
      trail={[]}
      extra={(detail) => (
        <>
          <RollForwardCard detail={detail} />
          <p className={styles.onward}>
            How fast stock turns over:{' '}
            <ViewLink to="/supply/kpis/inventory_turns" data-drilldown>
              Inventory turns
            </ViewLink>
          </p>
        </>
      )}
    />
  )
}
