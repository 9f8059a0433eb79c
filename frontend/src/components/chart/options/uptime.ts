import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, LegendItem, OptionBuilder } from '../spec'
import { periodAxis, plot, px, targetMark, valueAxis } from './common'

export interface UptimeInput {
  points: readonly { period: string; value: Missing; lostMinutes: Missing; note?: string }[]
  target?: number | undefined
  formatRatio: Format
  formatMinutes: Format
  formatPeriod: (period: string) => string
}

export const UPTIME_LEGEND: readonly LegendItem[] = [
  { name: 'Uptime', colour: 'line', mark: 'line' },
  { name: 'Weighted minutes lost', colour: 'negative', mark: 'bar' },
]
export const TARGET_LEGEND: LegendItem = {
  name: 'Target of the last period',
  colour: 'text',
  mark: 'line',
}

const RATIO = { top: 0, bottom: 0.56 }
const LOST = { top: 0.68, bottom: 1 }

/** Uptime above, the minutes it cost below: 0.1 % looks like nothing until it is 43 minutes. */
export function uptimeOption(input: UptimeInput): OptionBuilder {
  const { points, target, formatRatio, formatMinutes, formatPeriod } = input
  const periods = points.map((point) => point.period)
  const ratios = points.map((point) => point.value)
  const lost = points.map((point) => point.lostMinutes)
  const ratioScale = niceScale([...ratios, target ?? null], { zero: false })
  const lostScale = niceScale(lost, { intervals: 2 })
  return (palette, size) => {
    const whole = plot(size, { left: 4.25 })
    const band = ({ top, bottom }: typeof RATIO) => ({
      ...whole,
      top: whole.top + whole.height * top,
      height: whole.height * (bottom - top),
    })
    const line = { type: 'line' as const, xAxisIndex: 0, yAxisIndex: 0 }
    return {
      grid: [band(RATIO), band(LOST)],
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      xAxis: [
        { ...periodAxis(periods, formatPeriod, palette, size, false), gridIndex: 0 },
        { ...periodAxis(periods, formatPeriod, palette, size), gridIndex: 1 },
      ],
      yAxis: [
        {
          ...valueAxis(
            { ...ratioScale, max: atMostAll(ratioScale.max) },
            formatRatio,
            palette,
            size,
          ),
          gridIndex: 0,
        },
        { ...valueAxis(lostScale, formatMinutes, palette, size), gridIndex: 1 },
      ],
      series: [
        {
          ...line,
          name: 'Uptime',
          data: ratios,
          connectNulls: false,
          symbol: 'circle',
          symbolSize: px(6, size),
          lineStyle: { color: palette.line, width: px(2, size) },
          itemStyle: { color: palette.line },
        },
        ...(target === undefined
          ? []
          : [{ ...line, ...targetMark(target, points.length, palette, size) }]),
        {
          type: 'bar',
          name: 'Weighted minutes lost',
          xAxisIndex: 1,
          yAxisIndex: 1,
          barWidth: '56%',
          barMaxWidth: 5 * size.rem,
          data: lost,
          itemStyle: { color: palette.negative },
        },
      ],
    }
  }
}

/** No service is up more than all the time. */
function atMostAll(max: number): number {
  return Math.min(1, max)
}

export function uptimeTable(input: UptimeInput): ChartTable {
  const { points, formatRatio, formatMinutes, formatPeriod } = input
  return {
    caption: 'Uptime and weighted minutes lost by period',
    columns: ['Period', 'Uptime', 'Weighted minutes lost'],
    rows: points.map(({ period, value, lostMinutes, note }) => [
      formatPeriod(period),
      value === null ? (note ?? 'no data') : formatRatio(value),
      lostMinutes === null ? '–' : formatMinutes(lostMinutes),
    ]),
    exact: points.map(({ period, value, lostMinutes }) => [period, value, lostMinutes]),
  }
}
