import styles from './BudgetBar.module.css'
import { budgetText } from './text'

/** What is left of the error budget. Zero is in the middle: overspent grows to the left. */
export function BudgetBar({ remaining }: { remaining: number | null }) {
  if (remaining === null) return <span className={styles.text}>No budget without events</span>
  const overspent = remaining < 0
  const part = Math.min(1, Math.abs(remaining)) * 50
  return (
    <span className={styles.budget}>
      <span className={styles.track} aria-hidden="true">
        <span
          className={styles.fill}
          data-overspent={overspent}
          style={{
            inlineSize: `${part}%`,
            insetInlineStart: overspent ? `${50 - part}%` : '50%',
          }}
        />
        <span className={styles.zero} />
      </span>
      <span className={styles.text}>{budgetText(remaining)}</span>
    </span>
  )
}
