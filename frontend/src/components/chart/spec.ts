import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'

/** The only kinds of marks that are loaded; see `engine.ts`. */
export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption
>

/** A chart as text. Row `i` belongs to the chart's `i`-th place; its first cell is its heading. */
export interface ChartTable {
  caption: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** The same cells for a file: numbers unrounded. Absent where the text is exact. */
  exact?: readonly (readonly (string | number | null)[])[]
}

/** A series told apart by its shape as well as by its colour. */
export interface LegendItem {
  name: string
  colour: PaletteName
  mark: 'bar' | 'line' | 'dashed' | 'hatched'
}

export const PALETTE_NAMES = [
  'surface',
  'text',
  'grid',
  'axis',
  'line',
  'recognized',
  'booked',
  'backlog',
  'positive',
  'negative',
  'total',
] as const
export type PaletteName = (typeof PALETTE_NAMES)[number]
export type Palette = Readonly<Record<PaletteName, string>>

/** The box a chart is drawn into, and the root font size its text follows; CSS pixels. */
export interface Size {
  width: number
  height: number
  rem: number
}

/** What to draw, as data: a pure function of the theme's colours and the box. */
export type OptionBuilder = (palette: Palette, size: Size) => ChartOption

/** `step` is the distance between an axis's ticks: so many digits tell them apart. */
export type Format = (value: number, step?: number) => string
