import type { Kpi } from '@/api/types'
import { Icon } from '@/components/Icon'
import { warningText } from '@/lib/reasons'
import styles from './Warnings.module.css'

/** What a number's reader should know before trusting it. */
export function Warnings({ kpi }: { kpi: Kpi }) {
  if (kpi.warnings.length === 0) return null
  const text = kpi.warnings.map((code) => warningText(code, kpi.leftOutShare)).join('. ')
  return (
    <span className={styles.warning} title={text}>
      <Icon name="low" />
      <span className="visually-hidden">{text}</span>
    </span>
  )
}
