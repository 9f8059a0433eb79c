import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { objectiveQuery } from '@/api/queries'
import type { ObjectiveDetail as Detail } from './types'
import { ChartFigure, type LegendItem } from '@/components/chart'
import { burnOption, burnTable } from '@/components/chart/options/burn'
import { Notice } from '@/components/Notice'
import { Skeleton } from '@/components/Skeleton'
import type { Column } from '@/components/SortableTable'
import { formatDate, formatInstant, percentage } from '@/lib/format'
import { countColumns } from './columns'
import styles from './ObjectiveDetail.module.css'
import { Releases } from './Releases'
import { budgetText, hasPercentile, measure } from './text'
import { TitledTable } from './TitledTable'

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

type StandardWindow = Detail['windows'][number]
type Sample = Detail['slowest'][number]

function Windows({ detail }: { detail: Detail }) {
  const columns: Column<StandardWindow>[] = [
    { name: 'Window', sortBy: ({ window }) => parseInt(window, 10), cell: ({ window }) => window },
    ...countColumns<StandardWindow>(detail),
    {
      name: 'Budget left',
      numeric: true,
      sortBy: (one) => one.budget_remaining,
      cell: (one) => (one.budget_remaining === null ? '–' : budgetText(one.budget_remaining)),
    },
  ]
  return (
    <section aria-label="Standard windows">
      <TitledTable
        title="Standard windows"
        of={detail.title}
        columns={columns}
        items={detail.windows}
        keyOf={({ window }) => window}
      />
    </section>
  )
}

function sampleColumns(unit: string): Column<Sample>[] {
  return [
    {
      name: unit === '' ? 'Value' : `Value (${unit})`,
      sortBy: ({ value }) => value,
      cell: ({ value }) => measure(value, unit),
    },
    {
      name: 'When',
      sortBy: ({ event_time: at }) => at,
      cell: ({ event_time: at }) => formatInstant(at),
    },
    {
      name: 'Event',
      sortBy: ({ event_type: type }) => type,
      cell: ({ event_type: type }) => type.replaceAll('_', ' '),
    },
    { name: 'Release', sortBy: ({ release }) => release, cell: ({ release }) => release ?? '–' },
    {
      name: 'Trace',
      sortBy: ({ trace_id: trace }) => trace,
      cell: ({ trace_id: trace }) =>
        trace === null ? <span className={styles.muted}>not sent</span> : <code>{trace}</code>,
    },
  ]
}

function Slowest({ detail }: { detail: Detail }) {
  return (
    <section aria-label="Slowest samples">
      <TitledTable
        title="Slowest samples"
        of={detail.title}
        columns={sampleColumns(detail.threshold.unit)}
        items={detail.slowest}
        keyOf={({ event_time: at, value, trace_id: trace }) => `${at} ${value} ${trace ?? ''}`}
      />
      {detail.slowest.length === 0 && (
        <p className={styles.muted}>
          No single samples are kept for this objective in this window.
        </p>
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
