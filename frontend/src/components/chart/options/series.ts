import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, OptionBuilder } from '../spec'
import { periodAxis, plot, px, targetMark, valueAxis } from './common'

export interface SeriesInput {
  name: string
  points: readonly { period: string; value: Missing; note?: string | undefined }[]
  /** Bars are for flows; a line is for what has a level: stocks and ratios. */
  mark: 'bar' | 'line'
  /** Of the last period. */
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
      ...(target === undefined ? [] : [targetMark(target, points.length, palette, size)]),
    ],
  })
}

/** The same points as text, a missing one with its reason. */
export function seriesTable(input: SeriesInput): ChartTable {
  const { name, points, target, formatValue, formatPeriod } = input
  /** A cell of the target's column, where there is one: only the last period has a target. */
  const targetCell = <Cell>(place: number, shown: (target: number) => Cell, none: Cell): Cell[] =>
    target === undefined ? [] : [place === points.length - 1 ? shown(target) : none]
  return {
    caption: `${name} by period`,
    columns: ['Period', name, ...(target === undefined ? [] : ['Target'])],
    rows: points.map(({ period, value, note }, place) => [
      formatPeriod(period),
      value === null ? (note ?? 'no data') : formatValue(value),
      ...targetCell(place, formatValue, '–'),
    ]),
    exact: points.map(({ period, value }, place) => [
      period,
      value,
      ...targetCell<number | null>(place, (exact) => exact, null),
    ]),
  }
}
