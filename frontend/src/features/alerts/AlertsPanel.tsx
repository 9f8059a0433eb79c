import { memo, useId, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import type { Alert, AlertList } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
import { ViewLink } from '@/components/ViewLink'
import { formatAge } from '@/lib/format'
import { localised } from '@/lib/sentences'
import { useNow } from '@/lib/useNow'
import { reportUse, trackAlertClick } from '@/telemetry'
import { AlertActions } from './AlertActions'
import { AlertDetails } from './AlertDetails'
import { Instant } from './Instant'
import { SeverityBadge } from './SeverityBadge'
import { usePolledAlerts } from './usePolledAlerts'
import styles from './AlertsPanel.module.css'

function stateOf(alert: Alert): ReactNode {
  if (alert.status === 'snoozed' && alert.snoozed_until !== undefined) {
    return (
      <>
        Snoozed until <Instant at={alert.snoozed_until} />
      </>
    )
  }
  return alert.status === 'acknowledged' ? 'Acknowledged' : null
}

function AlertState({ alert }: { alert: Alert }) {
  const state = stateOf(alert)
  return (
    <p className={styles.state}>
      {alert.unconfirmed_since !== undefined && (
        <span>
          <Icon name="watch" /> Not confirmed since <Instant at={alert.unconfirmed_since} />
        </span>
      )}
      {state !== null && (
        <span>
          <Icon name={alert.status === 'snoozed' ? 'clock' : 'check'} /> {state}
        </span>
      )}
      {alert.assignee !== undefined && (
        <span>
          <Icon name="person" /> {alert.assignee}
        </span>
      )}
    </p>
  )
}

function AlertTitle({ alert }: { alert: Alert }) {
  const { drilldown, kpi, title } = alert
  if (drilldown === undefined) return title
  return (
    <ViewLink to={drilldown} data-drilldown onClick={() => trackAlertClick(kpi, drilldown)}>
      {title}
    </ViewLink>
  )
}

/** The next alert, else the one before, else the list: its reader stays where the alert was. */
function passFocusOn(alert: Element): void {
  const next = alert.nextElementSibling ?? alert.previousElementSibling
  const heir = next?.querySelector('button') ?? alert.closest<HTMLElement>('ul')
  heir?.focus()
}

/** An alert that leaves, resolved here or by somebody else, takes no reader's focus with it. */
function useHandOver() {
  const item = useRef<HTMLLIElement>(null)
  useLayoutEffect(() => {
    const alert = item.current
    return () => {
      if (alert?.contains(document.activeElement) === true) passFocusOn(alert)
    }
  }, [])
  return item
}

/** The same alert, its numbers as the reader writes them. */
function inReadersWriting(alert: Alert): Alert {
  const { title, description, driver } = alert
  return {
    ...alert,
    title: localised(title),
    description: localised(description),
    ...(driver !== undefined && { driver: localised(driver) }),
  }
}

interface ItemProps {
  alert: Alert
  now: Date
}

/** Drawn anew only when it has changed: not whenever another window is looked at. */
const AlertItem = memo(function AlertItem({ alert: told, now }: ItemProps) {
  const alert = useMemo(() => inReadersWriting(told), [told])
  const hasState =
    alert.status !== 'open' || alert.assignee !== undefined || alert.unconfirmed_since !== undefined
  const [isOpen, setOpen] = useState(false)
  const details = useId()
  const item = useHandOver()
  return (
    <li
      ref={item}
      className={styles.alert}
      data-severity={alert.severity}
      data-status={alert.status}
    >
      <div className={styles.top}>
        <SeverityBadge severity={alert.severity} />
        <span className={styles.age}>
          <time dateTime={alert.created_at}>{formatAge(new Date(alert.created_at), now)}</time>
          <button
            type="button"
            className={styles.more}
            aria-label={`Details: ${alert.title}`}
            aria-expanded={isOpen}
            aria-controls={isOpen ? details : undefined}
            onClick={() => {
              setOpen(!isOpen)
              if (!isOpen) reportUse('alert_details', alert.kpi)
            }}
          >
            Details
          </button>
        </span>
      </div>
      <h3 className={styles.title}>
        <AlertTitle alert={alert} />
      </h3>
      {isOpen && <AlertDetails alert={alert} id={details} />}
      <div className={styles.text} data-open={isOpen} data-state={hasState}>
        {!isOpen && <p className={styles.description}>{alert.driver ?? alert.description}</p>}
        {hasState && <AlertState alert={alert} />}
      </div>
      <AlertActions alert={alert} />
    </li>
  )
})

function summary(alerts: readonly Alert[]): string {
  const open = alerts.filter((alert) => alert.status === 'open').length
  return alerts.length === 0 ? 'none' : `${open} open of ${alerts.length}`
}

function notUpdated(age: string): string {
  return age === 'just now' ? 'Not updated' : `Not updated for ${age}`
}

/** What asks for somebody's attention now, whatever window is shown. */
export function AlertsPanel({ seed }: { seed: AlertList }) {
  const { data, isError } = usePolledAlerts(seed)
  const now = useNow()
  const age = formatAge(new Date(data.generated_at), now)
  // Drawn anew whenever it changes: what stands at the right edge would move as it grows.
  const said = isError ? notUpdated(age) : summary(data.alerts)
  return (
    <Card
      title="Alerts"
      className={styles.panel}
      aside={
        <span className={styles.count} role="status">
          <span key={said} className={isError ? styles.stale : undefined}>
            {isError && <Icon name="watch" />}
            {said}
          </span>
        </span>
      }
    >
      {data.alerts.length === 0 && (
        <p className={styles.calm}>
          <Icon name="good" /> Nothing needs attention.
        </p>
      )}
      <ul className={styles.list} tabIndex={-1} aria-label="Alerts">
        {data.alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} now={now} />
        ))}
      </ul>
    </Card>
  )
}
