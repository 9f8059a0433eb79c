import type { Alert } from '@/api/types'
import { Icon, type IconName } from '@/components/Icon'
import styles from './SeverityBadge.module.css'

const SHOWN: Record<Alert['severity'], { icon: IconName; word: string }> = {
  high: { icon: 'act', word: 'High' },
  medium: { icon: 'watch', word: 'Medium' },
  low: { icon: 'low', word: 'Low' },
}

/** An alert's severity by icon, word and colour together. */
export function SeverityBadge({ severity }: { severity: Alert['severity'] }) {
  const { icon, word } = SHOWN[severity]
  return (
    <span className={styles.badge} data-severity={severity}>
      <Icon name={icon} />
      {word}
    </span>
  )
}
