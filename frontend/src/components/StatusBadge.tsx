import type { Status } from '@/api/types'
import { Icon } from './Icon'
import styles from './StatusBadge.module.css'

const WORDS: Record<Status, string> = { good: 'Good', watch: 'Watch', act: 'Act' }

/** A KPI's status by icon, word and colour together. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span className={styles.badge} data-tone={status}>
      <Icon name={status} />
      {WORDS[status]}
    </span>
  )
}
