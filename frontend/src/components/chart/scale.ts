/** Places numbers on an axis. Pure: positions are fractions of the plot, 0 at its start. */

export type Missing = number | null

export interface Scale {
  readonly min: number
  readonly max: number
  readonly ticks: readonly number[]
}

/** Numbers only: null and non-finite values are missing, never zero. */
export function present(values: readonly Missing[]): number[] {
  return values.filter((value): value is number => value !== null && Number.isFinite(value))
}

/** The smallest step of 1, 2, 2.5 or 5 times a power of ten that is not under `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9))
  return (step ?? 10) * power
}

/** Multiples of `step`, counted rather than added up so that 0.1 + 0.2 stays 0.3. */
function multiples(first: number, last: number, step: number): number[] {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(step)))
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toFixed(Math.min(digits, 20))),
  )
}

/**
 * An axis with round ticks around `values`.
 * With `zero` (bars) it starts at zero; without it (lines) it hugs the values.
 */
export function niceScale(
  values: readonly Missing[],
  { intervals = 4, zero = true }: { intervals?: number; zero?: boolean } = {},
): Scale {
  const numbers = present(values)
  if (numbers.length === 0) return { min: 0, max: 1, ticks: [] }
  let low = Math.min(...numbers, ...(zero ? [0] : []))
  let high = Math.max(...numbers, ...(zero ? [0] : []))
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1
    low -= zero ? 0 : room
    high += room
  }
  const step = niceStep((high - low) / intervals)
  const ticks = multiples(Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9), step)
  return { min: ticks[0] ?? low, max: ticks[ticks.length - 1] ?? high, ticks }
}

/** The distance between two ticks. */
export function stepOf({ min, max, ticks }: Scale): number {
  const [first = min, second = max] = ticks
  return second - first
}

/** Where `value` lies between the scale's ends: 0 at `min`, 1 at `max`. */
export function fraction(scale: Scale, value: number): number {
  return (value - scale.min) / (scale.max - scale.min)
}

/** A fraction as an SVG length: `percent(0.25)` is `"25%"`. */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(3))}%`
}

/** A point of a plot, as fractions of its width and height from the top left. */
export interface Dot {
  readonly x: number
  readonly y: number
}

/** The side of the square that `linePath` draws in; the plot stretches it to its own box. */
export const PLOT = 100

function place({ x, y }: Dot): string {
  return `${Number((x * PLOT).toFixed(2))} ${Number((y * PLOT).toFixed(2))}`
}

/** A line through neighbours that are both there, as SVG path data; a missing point breaks it. */
export function linePath(points: readonly (Dot | null)[]): string {
  return points
    .map((dot, index) => {
      const drawn = (points[index - 1] ?? null) !== null
      if (dot === null || (!drawn && (points[index + 1] ?? null) === null)) return ''
      return `${drawn ? 'L' : 'M'}${place(dot)}`
    })
    .join('')
}

/** Dots as SVG path data: each a line of no length, which a round cap makes as wide as its stroke. */
export function dotsPath(dots: readonly Dot[]): string {
  return dots.map((dot) => `M${place(dot)}h.01`).join('')
}

/** Points with no neighbour to connect to: they are drawn as dots or they would be invisible. */
export function lonely<Point>(points: readonly (Point | null)[]): Point[] {
  return points.filter(
    (point, index): point is Point =>
      point !== null &&
      (points[index - 1] ?? null) === null &&
      (points[index + 1] ?? null) === null,
  )
}

/** So few periods can all be named, however narrow the chart. */
export const FEW_PERIODS = 4

/** Every how many periods are named on a phone: a year has room for four, with a running month. */
export function narrowEvery(slots: number): number {
  return slots > 12 ? 4 : 3
}
