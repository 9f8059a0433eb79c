import type { Objective } from './types'
import { Icon } from '@/components/Icon'
import { count, formatInstant } from '@/lib/format'
import styles from './Maintenance.module.css'

type Window = Objective['maintenance'][number]

interface Props {
  windows: readonly Window[]
  /** When the counts were made, so that what is over, on and planned are told apart. */
  now: string
}

const keyOf = ({ start, end, reason }: Window) => `${start} ${end} ${reason}`

/** Each window of several objectives once, with the events that it left out of them all. */
export function windowsOf(objectives: readonly Objective[]): Window[] {
  const found = new Map<string, Window>()
  for (const window of objectives.flatMap(({ maintenance }) => maintenance)) {
    const known = found.get(keyOf(window))
    const leftOut = (known?.left_out ?? 0) + window.left_out
    found.set(keyOf(window), { ...window, left_out: leftOut })
  }
  return [...found.values()].sort((a, b) => a.start.localeCompare(b.start))
}

function stateOf({ start, end, left_out: leftOut }: Window, now: string): string {
  if (start > now) return 'planned'
  const events = `${count(leftOut)} ${leftOut === 1 ? 'event' : 'events'} not counted`
  return end > now ? `going on, ${events}` : events
}

/** Hours that count for nothing, and why. Nothing is shown where there are none. */
export function Maintenance({ windows, now }: Props) {
  if (windows.length === 0) return null
  return (
    <section className={styles.maintenance} aria-label="Maintenance">
      <h2 className={styles.heading}>
        <Icon name="clock" />
        Maintenance, left out of every figure here
      </h2>
      <ul className={styles.list}>
        {windows.map((window) => (
          <li key={keyOf(window)}>
            <span className={styles.when}>
              {formatInstant(window.start)} to {formatInstant(window.end)}
            </span>{' '}
            {window.reason} <span className={styles.state}>({stateOf(window, now)})</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
