import { useQuery } from '@tanstack/react-query'
import { releasesQuery } from '@/api/queries'
import type { Objective } from './types'
import { Skeleton } from '@/components/Skeleton'
import { count, formatInstant } from '@/lib/format'
import styles from './ObjectiveDetail.module.css'
import { hasPercentile, measure, ratioText } from './text'
import { VerdictBadge } from './VerdictBadge'

interface Props {
  objective: Objective
  days: number
}

/** The objective release by release: a bad one stands out, and since when. */
export function Releases({ objective, days }: Props) {
  const { data, error } = useQuery(releasesQuery(objective.name, days))
  const found = data?.name === objective.name ? data : undefined
  if (found?.unknown !== undefined) return null // there is no release to tell apart
  return (
    <section aria-label="Releases">
      <h3 className={styles.heading}>By release</h3>
      {found === undefined && error === null && <Skeleton height="5rem" />}
      {error !== null && <p className={styles.muted}>{error.message}</p>}
      {found?.releases.length === 0 && <p className={styles.muted}>No events in this window.</p>}
      {found !== undefined && found.releases.length > 0 && (
        <div className={styles.scroller} role="region" aria-label="Releases" tabIndex={0}>
          <table className={styles.table}>
            <caption className="visually-hidden">{objective.title} by release</caption>
            <thead>
              <tr>
                <th scope="col">Release</th>
                <th scope="col">Verdict</th>
                <th scope="col">Good / total</th>
                <th scope="col">Good</th>
                {hasPercentile(objective) && <th scope="col">P95</th>}
                <th scope="col">First seen</th>
                <th scope="col">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {found.releases.map((one) => (
                <tr key={one.release ?? ''}>
                  <th scope="row">{one.release ?? 'none told'}</th>
                  <td>
                    <VerdictBadge verdict={one.verdict} />
                  </td>
                  <td>
                    {count(one.good)} / {count(one.total)}
                  </td>
                  <td>{ratioText(one.good / one.total, objective.target)}</td>
                  {hasPercentile(objective) && (
                    <td>{one.p95 === null ? '–' : measure(one.p95, objective.threshold.unit)}</td>
                  )}
                  <td>{formatInstant(one.first_seen)}</td>
                  <td>{formatInstant(one.last_seen)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found !== undefined && found.not_shown > 0 && (
        <p className={styles.muted}>{count(found.not_shown)} releases were seen earlier.</p>
      )}
    </section>
  )
}
