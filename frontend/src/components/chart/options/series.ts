import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, OptionBuilder } from '../spec'
import { periodAxis, plot, px, valueAxis } from './common'

export interface SeriesInput {
  name: string
  points: readonly { period: string; value: Missing; note?: string | undefined }[]
  /** Bars are for flows; a line is for what has a level: stocks and ratios. */
  mark: 'bar' | 'line'
  /** Drawn as a dashed line over the whole window. */
  target?: number | undefined
  formatValue: Format
  formatPeriod: (period: string) => string
}

/** One metric over its periods. A missing period is a gap. */
export function seriesOption(input: SeriesInput): OptionBuilder {
  const { name, points, mark, target, formatValue, formatPeriod } = input
  const values = points.map((point) => point.value)
  const scale = niceScale([...values, target ?? null], { zero: mark === 'bar' })
  return (palette, size) => ({
    grid: plot(size),
    xAxis: periodAxis(
      points.map((point) => point.period),
      formatPeriod,
      palette,
      size,
    ),
    yAxis: valueAxis(scale, formatValue, palette, size),
    series: [
      mark === 'bar'
        ? {
            type: 'bar',
            name,
            data: values,
            barWidth: '56%',
            barMaxWidth: 5 * size.rem,
            itemStyle: { color: palette.line },
          }
        : {
            type: 'line',
            name,
            data: values,
            connectNulls: false,
            symbol: 'circle',
            symbolSize: px(6, size),
            lineStyle: { color: palette.line, width: px(2, size) },
            itemStyle: { color: palette.line },
          },
      ...(target === undefined
        ? []
        : [
            {
              type: 'line' as const,
              name: 'Target',
              data: points.map(() => target),
              symbol: 'none',
              silent: true,
              lineStyle: { color: palette.text, width: px(1.5, size), type: 'dashed' as const },
            },
          ]),
    ],
  })
}

/** The same points as text, a missing one with its reason. */
export function seriesTable(input: SeriesInput): ChartTable {
  const { name, points, target, formatValue, formatPeriod } = input
  const targetCells = target === undefined ? [] : [formatValue(target)]
  return {
    caption: `${name} by period`,
    columns: ['Period', name, ...(target === undefined ? [] : ['Target'])],
    rows: points.map(({ period, value, note }) => [
      formatPeriod(period),
      value === null ? (note ?? 'no data') : formatValue(value),
      ...targetCells,
    ]),
    exact: points.map(({ period, value }) => [
      period,
      value,
      ...(target === undefined ? [] : [target]),
    ]),
  }
}
