import { FEW_PERIODS, narrowEvery, stepOf, type Scale } from '../scale'
import type { Format, Palette, Size } from '../spec'

/** The room around a plot for its axis labels, in rem; `TrendSvg.module.css` has the same. */
export const MARGIN = { top: 0.75, right: 0.5, bottom: 1.75, left: 3.75 }

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"

/** The text of axes: the page's small size and muted colour. */
export function axisText(palette: Palette, { rem }: Size) {
  return { color: palette.text, fontSize: 0.75 * rem, fontFamily: FONT }
}

/** So many pixels where text has its usual size; on a wall lines grow as it does. */
export function px(pixels: number, { rem }: Size): number {
  return (pixels * rem) / 16
}

/** The plot inside its margins, in pixels; in rem wider where labels are long. */
export function plot({ width, height, rem }: Size, margin: Partial<typeof MARGIN> = {}) {
  const { left, right } = { ...MARGIN, ...margin }
  return {
    left: left * rem,
    top: MARGIN.top * rem,
    width: Math.max(1, width - (left + right) * rem),
    height: Math.max(1, height - (MARGIN.top + MARGIN.bottom) * rem),
  }
}

const LABEL_ROOM = 3 // rem that the name of a period needs

/**
 * Every how many of `slots` periods are named. Up to 14 of them it is as `TrendSvg.module.css`
 * decides at the same widths, and never so many that names touch.
 */
export function labelEvery({ width, rem }: Size, slots: number): number {
  const inner = width / rem - MARGIN.left - MARGIN.right
  const usual = slots <= FEW_PERIODS ? 1 : inner > 45 ? 1 : inner > 28 ? 2 : narrowEvery(slots)
  return Math.max(usual, Math.ceil((slots * LABEL_ROOM) / Math.max(1, inner)))
}

/** An axis of numbers that uses our own ticks, so that both drawings of a chart agree. */
export function valueAxis(scale: Scale, format: Format, palette: Palette, size: Size) {
  const step = stepOf(scale)
  return {
    type: 'value' as const,
    min: scale.min,
    max: scale.max,
    interval: step,
    axisLabel: {
      ...axisText(palette, size),
      margin: px(8, size),
      formatter: (value: number) => format(value, step),
      hideOverlap: true,
    },
    splitLine: { lineStyle: { color: palette.grid, width: px(1, size) } },
    axisLine: { show: false },
    axisTick: { show: false },
  }
}

/** An axis of periods. `named: false` keeps the places and leaves out their names. */
export function periodAxis(
  periods: readonly string[],
  format: (period: string) => string,
  palette: Palette,
  size: Size,
  named = true,
) {
  const every = labelEvery(size, periods.length)
  return {
    type: 'category' as const,
    data: [...periods],
    axisLabel: {
      ...axisText(palette, size),
      show: named,
      margin: px(10, size),
      interval: (index: number) => index % every === 0,
      formatter: format,
    },
    axisLine: { lineStyle: { color: palette.axis } },
    axisTick: { show: false },
  }
}

const LETTERS_A_REM = 2.2 // of small text

/** How many of at most so many rem names need in one line: the bars get the rest. */
export function roomForNames(names: readonly string[], most: number): number {
  return Math.min(most, Math.max(0, ...names.map((name) => name.length)) / LETTERS_A_REM + 1)
}

function shortened(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, letters - 1).trimEnd()}…`
}

/** A name in so many rem of small text: in two lines where one is too short, then shortened. */
export function inLines(name: string, rem: number): string {
  const letters = Math.floor(rem * LETTERS_A_REM)
  const end = name.lastIndexOf(' ', letters)
  if (name.length <= letters || end <= 0) return shortened(name, letters)
  return `${name.slice(0, end)}\n${shortened(name.slice(end + 1), letters)}`
}

/** An axis of names, the first on top; `rem` is the room for them. */
export function nameAxis(names: readonly string[], rem: number, palette: Palette, size: Size) {
  return {
    type: 'category' as const,
    inverse: true,
    data: [...names],
    axisLabel: {
      ...axisText(palette, size),
      interval: 0,
      margin: px(8, size),
      lineHeight: 0.9 * size.rem, // without it two lines are drawn over each other
      formatter: (name: string) => inLines(name, rem),
    },
    axisLine: { lineStyle: { color: palette.axis } },
    axisTick: { show: false },
  }
}

/** The hatching of what is not complete yet. */
export function hatching(palette: Palette, size: Size) {
  return {
    symbol: 'rect',
    dashArrayX: [1, 0],
    dashArrayY: [px(2.5, size), px(3.5, size)],
    rotation: -Math.PI / 4,
    color: palette.surface,
  }
}

/** A target as a short line over the last of so many periods: earlier ones had targets of their own. */
export function targetMark(target: number, periods: number, palette: Palette, size: Size) {
  return {
    type: 'line' as const,
    name: 'Target',
    data: [...Array<null>(Math.max(0, periods - 1)).fill(null), target],
    symbol: 'rect',
    symbolSize: [(plot(size).width / Math.max(1, periods)) * 0.8, px(2, size)],
    silent: true,
    itemStyle: { color: palette.text },
  }
}
