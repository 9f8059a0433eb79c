import { fraction, niceScale, type Missing, type Scale } from './scale'

/** One period: what was recognized and booked in it, and the backlog at its end. Money. */
export interface TrendRow {
  period: string
  recognized: Missing
  booked: Missing
  backlog: Missing
}

/** The month after the last complete one, through the given day. */
export interface RunningRow extends TrendRow {
  through: string
}

/** A band of the plot with its own scale; `top` and `bottom` are fractions of the plot's height. */
export interface Panel {
  readonly top: number
  readonly bottom: number
  readonly scale: Scale
}

/** Flows above, the stock below: a backlog of many months would flatten the flows. */
export const FLOWS = { top: 0, bottom: 0.6 }
export const STOCK = { top: 0.72, bottom: 1 }

export interface TrendGeometry {
  readonly slots: number
  readonly flows: Panel
  readonly stock: Panel
}

export function trendGeometry(
  rows: readonly TrendRow[],
  running: RunningRow | null,
): TrendGeometry {
  const all: readonly TrendRow[] = running === null ? rows : [...rows, running]
  const flows = niceScale(all.flatMap((row) => [row.recognized, row.booked]))
  const stock = niceScale(
    all.map((row) => row.backlog),
    { intervals: 2 },
  )
  return {
    slots: Math.max(1, all.length),
    flows: { ...FLOWS, scale: flows },
    stock: { ...STOCK, scale: stock },
  }
}

/** The middle of a slot, as a fraction of the plot's width. */
export function slotCentre(geometry: TrendGeometry, index: number): number {
  return (index + 0.5) / geometry.slots
}

/** The height of a value in its panel, as a fraction of the plot's height from the top. */
export function heightIn(panel: Panel, value: number): number {
  return panel.bottom - fraction(panel.scale, value) * (panel.bottom - panel.top)
}
