import { formatDate } from '@/lib/format'
import type {
  ChartOption,
  ChartTable,
  Format,
  LegendItem,
  OptionBuilder,
  Palette,
  Size,
} from '../spec'
import { trendGeometry, type Panel, type RunningRow, type TrendRow } from '../trendGeometry'
import { hatching, periodAxis, plot, px, valueAxis } from './common'

export interface TrendInput {
  rows: readonly TrendRow[]
  running: RunningRow | null
  formatValue: Format
  formatPeriod: (period: string) => string
}

export const TREND_LEGEND: readonly LegendItem[] = [
  { name: 'Recognized', colour: 'recognized', mark: 'bar' },
  { name: 'Booked', colour: 'booked', mark: 'line' },
  { name: 'Backlog at period end', colour: 'backlog', mark: 'dashed' },
]
export const RUNNING_LEGEND: LegendItem = {
  name: 'Running month',
  colour: 'recognized',
  mark: 'hatched',
}

type Series = Extract<NonNullable<ChartOption['series']>, unknown[]>

/** The trend as an ECharts option that draws exactly where `TrendSvg` draws. */
export function trendOption(input: TrendInput): OptionBuilder {
  const { rows, running, formatValue, formatPeriod } = input
  const geometry = trendGeometry(rows, running)
  const periods = [...rows, ...(running === null ? [] : [running])].map((row) => row.period)
  return (palette, size) => {
    const whole = plot(size)
    const band = ({ top, bottom }: Panel) => ({
      ...whole,
      top: whole.top + whole.height * top,
      height: whole.height * (bottom - top),
    })
    return {
      grid: [band(geometry.flows), band(geometry.stock)],
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      xAxis: [
        { ...periodAxis(periods, formatPeriod, palette, size, false), gridIndex: 0 },
        { ...periodAxis(periods, formatPeriod, palette, size), gridIndex: 1 },
      ],
      yAxis: [
        { ...valueAxis(geometry.flows.scale, formatValue, palette, size), gridIndex: 0 },
        { ...valueAxis(geometry.stock.scale, formatValue, palette, size), gridIndex: 1 },
      ],
      series: [
        recognized(input, palette.recognized, hatching(palette, size)),
        ...line('Booked', 'booked', 0, input, palette, size),
        ...line('Backlog', 'backlog', 1, input, palette, size),
      ],
    }
  }
}

function recognized({ rows, running }: TrendInput, colour: string, decal: object): Series[number] {
  const soFar = {
    value: running?.recognized ?? null,
    itemStyle: { decal, borderColor: colour, borderType: 'dashed' as const },
  }
  return {
    type: 'bar',
    name: 'Recognized',
    barWidth: '56%',
    itemStyle: { color: colour },
    data: [...rows.map((row) => row.recognized), ...(running === null ? [] : [soFar])],
  }
}

/** The complete periods as a line; the running month as a hollow dot that nothing connects to. */
function line(
  name: string,
  key: 'booked' | 'backlog',
  panel: 0 | 1,
  { rows, running }: TrendInput,
  palette: Palette,
  size: Size,
): Series {
  const colour = palette[key]
  const place = { type: 'line' as const, xAxisIndex: panel, yAxisIndex: panel }
  const complete: Series[number] = {
    ...place,
    name,
    data: rows.map((row) => row[key]),
    connectNulls: false,
    symbol: 'circle',
    symbolSize: px(key === 'booked' ? 6 : 4, size),
    lineStyle: { color: colour, width: px(2, size), type: key === 'booked' ? 'solid' : 'dashed' },
    itemStyle: { color: colour },
  }
  if (running === null) return [complete]
  const soFar: Series[number] = {
    ...place,
    name: `${name}, running month`,
    data: [...rows.map(() => null), running[key]],
    symbol: 'circle',
    symbolSize: px(7, size),
    itemStyle: { color: palette.surface, borderColor: colour, borderWidth: px(2, size) },
  }
  return [complete, soFar]
}

/** The same points as text. */
export function trendTable({ rows, running, formatValue, formatPeriod }: TrendInput): ChartTable {
  const cells = (row: TrendRow, heading: string) => [
    heading,
    ...[row.recognized, row.booked, row.backlog].map((value) =>
      value === null ? 'no data' : formatValue(value),
    ),
  ]
  return {
    caption: 'Recognized, booked and backlog by period',
    columns: ['Period', 'Recognized', 'Booked', 'Backlog'],
    rows: [
      ...rows.map((row) => cells(row, formatPeriod(row.period))),
      ...(running === null
        ? []
        : [
            cells(
              running,
              `${formatPeriod(running.period)}, running (to ${formatDate(running.through)})`,
            ),
          ]),
    ],
    exact: [
      ...rows.map((row) => [row.period, row.recognized, row.booked, row.backlog]),
      ...(running === null
        ? []
        : [
            [
              `${running.period} to ${running.through}`,
              running.recognized,
              running.booked,
              running.backlog,
            ],
          ]),
    ],
  }
}
