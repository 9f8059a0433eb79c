import { useEffect, useMemo } from 'react'
import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { ChartFigure } from '@/components/chart'
import { describeSeries } from '@/components/chart/describe'
import { seriesOption, seriesTable } from '@/components/chart/options/series'
import {
  TARGET_LEGEND,
  UPTIME_LEGEND,
  uptimeOption,
  uptimeTable,
} from '@/components/chart/options/uptime'
import type { ChartTable, LegendItem, OptionBuilder } from '@/components/chart/spec'
import { Notice } from '@/components/Notice'
import { count, formatPeriod } from '@/lib/format'
import { lostMinutes } from './downtime'
import { reasonText } from '@/lib/words'
import { valueText } from './text'

const TITLE = 'Over time'

interface Drawing {
  option: OptionBuilder
  table: ChartTable
  legend: readonly LegendItem[]
}

/** The target of the last period; not where it is meant for the whole window. */
function targetOf({ metric, unit, kpi }: KpiDetail): number | undefined {
  const isStock = metric === 'backlog' || metric === 'arr'
  const isFlow = unit === 'money' && !isStock
  return isFlow || metric === 'nrr' ? undefined : kpi.target
}

function note(reason: string | undefined) {
  return reason === undefined ? {} : { note: reasonText(reason) }
}

function uptimeDrawing(detail: KpiDetail): Drawing {
  const target = targetOf(detail)
  const input = {
    points: detail.series.map(({ period, value, reason, parts }) => ({
      period,
      value,
      lostMinutes: lostMinutes(parts),
      ...note(reason),
    })),
    target,
    formatRatio: valueText(detail),
    formatMinutes: count,
    formatPeriod,
  }
  return {
    option: uptimeOption(input),
    table: uptimeTable(input),
    legend: target === undefined ? UPTIME_LEGEND : [...UPTIME_LEGEND, TARGET_LEGEND],
  }
}

function seriesDrawing(detail: KpiDetail): Drawing {
  const target = targetOf(detail)
  const mark = detail.unit === 'money' ? ('bar' as const) : ('line' as const)
  const input = {
    name: detail.label,
    points: detail.series.map(({ period, value, reason }) => ({ period, value, ...note(reason) })),
    mark,
    target,
    formatValue: valueText(detail),
    formatPeriod,
  }
  const legend: LegendItem[] = [{ name: detail.label, colour: 'line', mark }]
  return {
    option: seriesOption(input),
    table: seriesTable(input),
    legend: target === undefined ? [] : [...legend, TARGET_LEGEND],
  }
}

/** The metric over its periods. */
export function TrendCard({ detail, onDrawn }: { detail: KpiDetail; onDrawn: () => void }) {
  const drawing = useMemo(
    () => (detail.metric === 'uptime' ? uptimeDrawing(detail) : seriesDrawing(detail)),
    [detail],
  )
  const values = detail.series.map((point) => point.value)
  const isEmpty = values.every((value) => value === null)
  useEffect(() => {
    if (isEmpty) onDrawn()
  }, [isEmpty, onDrawn])
  if (isEmpty) {
    return (
      <Card title={TITLE} headingLevel={2}>
        <Notice title="No period has a value" />
      </Card>
    )
  }
  return (
    <ChartFigure
      title={TITLE}
      {...drawing}
      label={`${detail.label}: ${describeSeries(values, valueText(detail))}`}
      height="20rem"
      grow
      onDrawn={onDrawn}
    />
  )
}
