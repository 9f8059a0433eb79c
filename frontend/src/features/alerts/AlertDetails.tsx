import { useQuery } from '@tanstack/react-query'
import { alertHistoryQuery } from '@/api/queries'
import type { Alert, AlertEvent } from '@/api/types'
import { formatInstant } from '@/lib/format'
import { Instant } from './Instant'
import styles from './AlertDetails.module.css'
import { words } from '@/lib/words'

/** When a snooze ends is an instant of the API: readers have clocks of their own. */
function detailText({ action, detail }: AlertEvent): string | null {
  if (detail === undefined) return null
  const until = action === 'snoozed' ? /^until (.+)$/.exec(detail)?.[1] : undefined
  return until === undefined ? detail : `until ${formatInstant(until)}`
}

function History({ alertId }: { alertId: number }) {
  const { data, error } = useQuery(alertHistoryQuery(alertId))
  if (data === undefined) return <p>{error === null ? 'Loading …' : error.message}</p>
  return (
    <ol className={styles.trail}>
      {data.events.map((event, place) => (
        <li key={data.events.length - place}>
          <time dateTime={event.at}>{formatInstant(event.at)}</time>
          <span>
            <strong>{words(event.action)}</strong> by {event.actor}
            {detailText(event) !== null && <>: {detailText(event)}</>}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** All that is known of an alert: what it says, what contributed, who did what and when. */
export function AlertDetails({ alert, id }: { alert: Alert; id: string }) {
  return (
    <div id={id} className={styles.details}>
      <p>{alert.description}</p>
      {alert.driver !== undefined && <p>{alert.driver}</p>}
      {alert.unconfirmed_since !== undefined && (
        <p>
          Not confirmed since <Instant at={alert.unconfirmed_since} />: Alertmanager repeats what
          fires every hour, and has been silent. It may still burn, or be over.
        </p>
      )}
      <History alertId={alert.id} />
    </div>
  )
}
