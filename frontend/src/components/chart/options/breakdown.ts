import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, OptionBuilder } from '../spec'
import { axisText, plot, valueAxis } from './common'

export interface BreakdownInput {
  /** What is broken down: "Backlog by region". */
  name: string
  items: readonly { name: string; value: Missing; share: Missing }[]
  formatValue: Format
  formatShare: Format
}

/** More bars than this are no picture; the table has them all. */
export const MOST_BARS = 12

/** The largest first; what has no value comes last and is never drawn as zero. */
export function ranked<Item extends { value: Missing }>(items: readonly Item[]): Item[] {
  const size = ({ value }: Item) => (value === null ? -1 : Math.abs(value))
  return [...items].sort((one, other) => size(other) - size(one))
}

/** A name that fits the label column. */
export function shortened(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, letters - 1).trimEnd()}…`
}

/** Bars that lie, so that their names can be read. */
export function breakdownOption({ name, items, formatValue }: BreakdownInput): OptionBuilder {
  const shown = ranked(items).slice(0, MOST_BARS)
  const values = shown.map((item) => item.value)
  const scale = niceScale(values, { intervals: 3 })
  return (palette, size) => {
    const labels = Math.min(10, size.width / size.rem / 3)
    return {
      grid: plot(size, labels),
      xAxis: valueAxis(scale, formatValue, palette, size),
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map((item) => item.name),
        axisLabel: {
          ...axisText(palette, size),
          interval: 0,
          formatter: (label: string) => shortened(label, Math.floor(labels * 1.8)),
        },
        axisLine: { lineStyle: { color: palette.axis } },
        axisTick: { show: false },
      },
      series: [
        {
          type: 'bar',
          name,
          data: values,
          barMaxWidth: 1.5 * size.rem,
          itemStyle: { color: palette.line },
        },
      ],
    }
  }
}

/** All elements as text, the largest first. */
export function breakdownTable(input: BreakdownInput): ChartTable {
  return {
    caption: input.name,
    columns: ['Name', 'Value', 'Share'],
    rows: ranked(input.items).map(({ name, value, share }) => [
      name,
      value === null ? 'no data' : input.formatValue(value),
      share === null ? '–' : input.formatShare(share),
    ]),
  }
}
