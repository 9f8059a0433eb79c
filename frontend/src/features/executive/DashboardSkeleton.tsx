import { Skeleton } from '@/components/Skeleton'
import styles from './Screen.module.css'

/** Holds every place of the screen until its numbers come. */
export function DashboardSkeleton() {
  return (
    <div className={styles.screen} role="status">
      <span className="visually-hidden">Loading the numbers</span>
      <div className={styles.now}>
        <Skeleton height="1.1rem" width="12rem" />
        <div className={styles.cards}>
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} height="11.75rem" />
          ))}
        </div>
        <Skeleton height="4.75rem" />
      </div>
      <div className={styles.trend}>
        <Skeleton height="100%" />
      </div>
      <div className={styles.reason}>
        <Skeleton height="100%" />
      </div>
      <div className={styles.action}>
        <Skeleton height="100%" />
      </div>
    </div>
  )
}
