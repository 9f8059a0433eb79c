import type { Risk } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
import { formatDate } from '@/lib/format'
import { byUrgency, isOverdue } from '@/lib/risks'
import styles from './RiskPanel.module.css'

function Due({ risk, today }: { risk: Risk; today: string }) {
  const overdue = isOverdue(risk, today)
  return (
    <span className={styles.due} data-overdue={overdue}>
      {overdue && <Icon name="clock" />}
      {overdue ? 'Overdue since' : 'Due'} {formatDate(risk.due)}
    </span>
  )
}

/** Who minds which risk until when. Always current, whatever window is shown. */
export function RiskPanel({ risks, today }: { risks: readonly Risk[]; today: string }) {
  const overdue = risks.filter((risk) => isOverdue(risk, today)).length
  return (
    <Card
      title="Risks"
      className={styles.panel}
      aside={
        <span className={styles.aside}>
          {overdue > 0 ? `${overdue} of ${risks.length} overdue` : 'current'}
        </span>
      }
    >
      {risks.length === 0 && <p className={styles.aside}>No risks are recorded.</p>}
      <ul className={styles.list} tabIndex={risks.length > 0 ? 0 : undefined} aria-label="Risks">
        {byUrgency(risks, today).map((risk) => (
          <li key={risk.id} className={styles.risk}>
            <p className={styles.title}>{risk.title}</p>
            <Due risk={risk} today={today} />
            <p className={styles.mitigation}>{risk.mitigation}</p>
            <p className={styles.owner}>
              {risk.owner} · {risk.status}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
