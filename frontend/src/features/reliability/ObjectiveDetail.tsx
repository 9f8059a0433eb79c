import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { objectiveQuery } from '@/api/queries'
import type { ObjectiveDetail as Detail } from './types'
import { ChartFigure, type LegendItem } from '@/components/chart'
import { burnOption, burnTable } from '@/components/chart/options/burn'
import { Notice } from '@/components/Notice'
import { Skeleton } from '@/components/Skeleton'
import { count, formatDate, formatInstant, percentage } from '@/lib/format'
import styles from './ObjectiveDetail.module.css'
import { Releases } from './Releases'
import { budgetText, hasPercentile, measure, ratioText } from './text'
import { VerdictBadge } from './VerdictBadge'

const LEGEND: readonly LegendItem[] = [
  { name: 'Within the budget', colour: 'line', mark: 'bar' },
  { name: 'Faster than allowed', colour: 'negative', mark: 'bar' },
  { name: 'Allowed', colour: 'text', mark: 'dashed' },
]

function dayLabel(day: string): string {
  return formatDate(day).replace(/ \d{4}$/, '')
}

function Daily({ detail }: { detail: Detail }) {
  const { option, table } = useMemo(() => {
    const input = {
      days: detail.daily,
      target: detail.target,
      formatDay: dayLabel,
      formatP95: (value: number) => measure(value, detail.threshold.unit),
    }
    return { option: burnOption(input), table: burnTable(input) }
  }, [detail])
  return (
    <ChartFigure
      title="Budget burned by day (UTC)"
      headingLevel={3}
      legend={LEGEND}
      option={option}
      table={table}
      label={`${detail.title}: budget burned by day, ${detail.daily.length} days`}
      height="15rem"
      className={styles.plain}
    />
  )
}

function Windows({ detail }: { detail: Detail }) {
  return (
    <section aria-label="Standard windows">
      <h3 className={styles.heading}>Standard windows</h3>
      <div className={styles.scroller} role="region" aria-label="Windows" tabIndex={0}>
        <table className={styles.table}>
          <caption className="visually-hidden">{detail.title} over other windows</caption>
          <thead>
            <tr>
              <th scope="col">Window</th>
              <th scope="col">Verdict</th>
              <th scope="col">Good / total</th>
              <th scope="col">Good</th>
              {hasPercentile(detail) && <th scope="col">P95</th>}
              <th scope="col">Budget</th>
            </tr>
          </thead>
          <tbody>
            {detail.windows.map((one) => (
              <tr key={one.window}>
                <th scope="row">{one.window}</th>
                <td>
                  <VerdictBadge verdict={one.verdict} />
                </td>
                <td>
                  {count(one.good)} / {count(one.total)}
                </td>
                <td>{one.total === 0 ? '–' : ratioText(one.good / one.total, detail.target)}</td>
                {hasPercentile(detail) && (
                  <td>{one.p95 === null ? '–' : measure(one.p95, detail.threshold.unit)}</td>
                )}
                <td>{one.budget_remaining === null ? '–' : budgetText(one.budget_remaining)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Slowest({ detail }: { detail: Detail }) {
  return (
    <section aria-label="Slowest samples">
      <h3 className={styles.heading}>Slowest samples</h3>
      {detail.slowest.length === 0 ? (
        <p className={styles.muted}>
          No single samples are kept for this objective in this window.
        </p>
      ) : (
        <div className={styles.scroller} role="region" aria-label="Samples" tabIndex={0}>
          <table className={styles.table}>
            <caption className="visually-hidden">Slowest samples of {detail.title}</caption>
            <thead>
              <tr>
                <th scope="col">Value</th>
                <th scope="col">When</th>
                <th scope="col">Event</th>
                <th scope="col">Release</th>
                <th scope="col">Trace</th>
              </tr>
            </thead>
            <tbody>
              {detail.slowest.map((sample, place) => (
                <tr key={place}>
                  <th scope="row">{measure(sample.value, detail.threshold.unit)}</th>
                  <td>{formatInstant(sample.event_time)}</td>
                  <td>{sample.event_type.replaceAll('_', ' ')}</td>
                  <td>{sample.release ?? '–'}</td>
                  <td>
                    {sample.trace_id === null ? (
                      <span className={styles.muted}>not sent</span>
                    ) : (
                      <code>{sample.trace_id}</code>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Bounds({ detail }: { detail: Detail }) {
  const [low, high] = detail.interval ?? []
  if (low === undefined || high === undefined) return null
  return (
    <p className={styles.muted}>
      With 95 % confidence the true share of good events is {percentage(low, 2)} to{' '}
      {percentage(high, 2)}. The counts alone decide the verdict.
    </p>
  )
}

/** The days, windows and slowest samples of one objective. */
export function ObjectiveDetail({ name, days }: { name: string; days: number }) {
  const { data, error, refetch } = useQuery(objectiveQuery(name, days))
  const detail = data?.name === name ? data : undefined
  if (detail === undefined) {
    return error === null ? (
      <Skeleton height="15rem" />
    ) : (
      <Notice title="The details cannot be shown" onRetry={() => void refetch()}>
        <p>{error.message}</p>
      </Notice>
    )
  }
  return (
    <div className={styles.detail}>
      <Daily detail={detail} />
      <Bounds detail={detail} />
      <Windows detail={detail} />
      <Releases objective={detail} days={days} />
      {hasPercentile(detail) && <Slowest detail={detail} />}
    </div>
  )
}
