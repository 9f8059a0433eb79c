import { count, exactNumber } from '@/lib/format'
import { niceScale, type Missing } from '../scale'
import type { ChartTable, Format, OptionBuilder } from '../spec'
import { periodAxis, plot, px, valueAxis } from './common'

export interface BurnInput {
  days: readonly { day: string; good: number; total: number; p95: Missing }[]
  /** The share of events that must be good, 0-1. */
  target: number
  formatDay: (day: string) => string
  /** How a P95 reads: "240 ms". */
  formatP95: Format
}

/** How fast a day used the budget up: 1 uses exactly what the target allows. Null without events. */
export function dailyBurn(day: { good: number; total: number }, target: number): Missing {
  if (day.total === 0 || target >= 1) return null
  return (day.total - day.good) / day.total / (1 - target)
}

function times(burn: number): string {
  return `${exactNumber(burn.toFixed(burn < 10 ? 1 : 0))}×`
}

/** A bar a day; those over the line of 1 spent more than their part of the budget. */
export function burnOption({ days, target, formatDay }: BurnInput): OptionBuilder {
  const burns = days.map((day) => dailyBurn(day, target))
  const scale = niceScale([...burns, 1], { intervals: 3 })
  return (palette, size) => ({
    grid: plot(size),
    xAxis: periodAxis(
      days.map(({ day }) => day),
      formatDay,
      palette,
      size,
    ),
    yAxis: valueAxis(scale, times, palette, size),
    series: [
      {
        type: 'bar',
        name: 'Budget burned',
        barWidth: '56%',
        barMaxWidth: 5 * size.rem,
        data: burns.map((burn) => ({
          value: burn,
          itemStyle: { color: burn !== null && burn > 1 ? palette.negative : palette.line },
        })),
      },
      {
        type: 'line',
        name: 'Allowed',
        data: days.map(() => 1),
        symbol: 'none',
        silent: true,
        lineStyle: { color: palette.text, width: px(1.5, size), type: 'dashed' },
      },
    ],
  })
}

export function burnTable({ days, target, formatDay, formatP95 }: BurnInput): ChartTable {
  return {
    caption: 'Budget burned by day (UTC)',
    columns: ['Day', 'Burn rate', 'Good', 'Total', 'P95'],
    rows: days.map((day) => {
      const burn = dailyBurn(day, target)
      return [
        formatDay(day.day),
        burn === null ? 'no events' : times(burn),
        count(day.good),
        count(day.total),
        day.p95 === null ? '–' : formatP95(day.p95),
      ]
    }),
    exact: days.map((day) => [day.day, dailyBurn(day, target), day.good, day.total, day.p95]),
  }
}
