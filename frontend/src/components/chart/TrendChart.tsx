import { useMemo } from 'react'
import { ChartFigure } from './ChartFigure'
import { trendLabel } from './describe'
import { RUNNING_LEGEND, TREND_LEGEND, trendOption, trendTable } from './options/trend'
import { TrendSvg } from './TrendSvg'
import type { RunningRow, TrendRow } from './trendGeometry'

interface Ahead {
  rows: readonly TrendRow[]
  running: RunningRow | null
}

interface Props {
  rows: readonly TrendRow[]
  running: RunningRow | null
  /** What is likely to be looked at next: drawn unseen, so that a switch has only to show it. */
  ahead?: Ahead | undefined
  formatValue: (value: number) => string
  formatPeriod?: (period: string) => string
  title?: string
  className?: string | undefined
  headingLevel?: 2 | 3
  /** Called after each drawing: at once, because the trend needs no library to be complete. */
  onDrawn?: (() => void) | undefined
}

/** The revenue trend: complete at first paint, taken over by the chart library when idle. */
export function TrendChart({
  rows,
  running,
  ahead,
  formatValue,
  formatPeriod = String,
  title = 'Revenue trend',
  className,
  headingLevel,
  onDrawn,
}: Props) {
  const input = useMemo(
    () => ({ rows, running, formatValue, formatPeriod }),
    [rows, running, formatValue, formatPeriod],
  )
  const option = useMemo(() => trendOption(input), [input])
  const table = useMemo(() => trendTable(input), [input])
  return (
    <ChartFigure
      title={title}
      legend={running === null ? TREND_LEGEND : [...TREND_LEGEND, RUNNING_LEGEND]}
      option={option}
      table={table}
      label={trendLabel(rows, running, formatValue)}
      fallback={<TrendSvg {...input} />}
      ahead={ahead && <TrendSvg {...input} rows={ahead.rows} running={ahead.running} />}
      grow
      className={className}
      headingLevel={headingLevel}
      onDrawn={onDrawn}
    />
  )
}
