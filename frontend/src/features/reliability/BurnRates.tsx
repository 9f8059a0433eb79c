import type { Objective } from './types'
import styles from './BurnRates.module.css'
import { burnText } from './text'

/** How fast the budget is being spent: over 1 it will not last. */
export function BurnRates({ rates }: { rates: Objective['burn_rates'] }) {
  return (
    <dl className={styles.rates}>
      {Object.entries(rates).map(([window, burn]) => (
        <div key={window} data-over={burn !== null && burn > 1}>
          <dt>{window}</dt>
          <dd>
            {burnText(burn)}
            {burn !== null && burn > 1 && <span className="visually-hidden"> too fast</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
