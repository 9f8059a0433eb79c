import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, OptionBuilder } from '../spec'
import { nameAxis, plot, roomForNames, valueAxis } from './common'

export interface BreakdownInput {
  /** What is broken down: "Backlog by region". */
  name: string
  items: readonly { name: string; value: Missing; share: Missing }[]
  /** The items have an order of their own, as periods do: it is kept. */
  keepOrder?: boolean
  formatValue: Format
  formatShare: Format
}

/** More bars than this are no picture; the table has them all. */
export const MOST_BARS = 12

/** Whether an item is the API's sum of all that it does not list: `Other (736)`. */
export function isTail(name: string): boolean {
  return /^Other \(\d+\)$/.test(name)
}

/** The largest first; then what has no value, which is never drawn as zero; the tail last. */
export function ranked<Item extends { name: string; value: Missing }>(
  items: readonly Item[],
): Item[] {
  const size = ({ name, value }: Item) => {
    if (isTail(name)) return -2
    return value === null ? -1 : Math.abs(value)
  }
  return [...items].sort((one, other) => size(other) - size(one))
}

function inOrder({ items, keepOrder = false }: BreakdownInput) {
  return keepOrder ? items : ranked(items)
}

/** Bars that lie, so that their names can be read. */
export function breakdownOption(input: BreakdownInput): OptionBuilder {
  const { name, formatValue } = input
  const shown = inOrder(input).slice(0, MOST_BARS)
  const values = shown.map((item) => item.value)
  const scale = niceScale(values, { intervals: 3 })
  return (palette, size) => {
    const names = shown.map((item) => item.name)
    const labels = roomForNames(names, Math.min(10, size.width / size.rem / 3))
    return {
      grid: plot(size, { left: labels, right: 1.5 }),
      xAxis: valueAxis(scale, formatValue, palette, size),
      yAxis: nameAxis(names, labels, palette, size),
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

/** All elements as text, in the order of the bars. */
export function breakdownTable(input: BreakdownInput): ChartTable {
  return {
    caption: input.name,
    columns: ['Name', 'Value', 'Share'],
    rows: inOrder(input).map(({ name, value, share }) => [
      name,
      value === null ? 'no data' : input.formatValue(value),
      share === null ? '–' : input.formatShare(share),
    ]),
    exact: inOrder(input).map(({ name, value, share }) => [name, value, share]),
  }
}
