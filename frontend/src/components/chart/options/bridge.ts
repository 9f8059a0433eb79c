import { niceScale, type Scale } from '../scale'
import type { ChartTable, Format, OptionBuilder, Palette } from '../spec'
import { isTail } from './breakdown'
import { nameAxis, plot, roomForNames, valueAxis } from './common'

type Direction = 'up' | 'down'

export interface BridgeInput {
  before: number
  now: number
  contributions: readonly { name: string; effect: number; kind: string }[]
  residual: number
  /** Which sign is welcome: it is drawn in the colour of what is good; null where neither is. */
  goodDirection: Direction | null
  formatValue: Format
  formatChange: Format
}

export interface Step {
  name: string
  kind: 'total' | 'effect' | 'rest'
  from: number
  to: number
}

/** So many effects are drawn on their own; the smaller ones are one step, so that it adds up. */
export const MOST_EFFECTS = 8
/** And none that is under this share of all effects: its bar would be no wider than a line. */
const SMALLEST_SHARE = 0.005
const DUST = 1e-9
/** In rem: "+£20.2M worse", in two lines where the names need the room. */
const ROOM_FOR_FIGURES = { narrow: 5, wide: 7.5 }
const NARROW_REM = 26

function bySize<Item extends { effect: number }>(items: readonly Item[]): Item[] {
  return [...items].sort((one, other) => Math.abs(other.effect) - Math.abs(one.effect))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** "North (mix)": the kind is told where one name has several effects. */
function effectName(item: { name: string; kind: string }): string {
  return item.kind === 'rate' || item.kind === 'mix' ? `${item.name} (${item.kind})` : item.name
}

/** From `before` to `now`: each step starts where the last one ended. */
export function bridgeSteps({ before, now, contributions, residual }: BridgeInput): Step[] {
  const ordered = bySize(contributions.filter((item) => item.effect !== 0 && !isTail(item.name)))
  const tail = contributions.filter((item) => isTail(item.name))
  const visible = sum(ordered.map((item) => Math.abs(item.effect))) * SMALLEST_SHARE
  const shown = ordered.slice(0, MOST_EFFECTS).filter((item) => Math.abs(item.effect) >= visible)
  const others = [...ordered.slice(shown.length), ...tail]
  const othersName = tail.length === 0 ? `${others.length} smaller` : 'All others'
  const scale = Math.max(Math.abs(before), Math.abs(now), ...ordered.map((i) => Math.abs(i.effect)))
  const moves: { name: string; kind: Step['kind']; effect: number }[] = [
    ...shown.map((item) => ({
      name: effectName(item),
      kind: 'effect' as const,
      effect: item.effect,
    })),
    { name: othersName, kind: 'rest', effect: sum(others.map((i) => i.effect)) },
    { name: 'Not explained', kind: 'rest', effect: residual },
  ]
  const steps: Step[] = [{ name: 'Before', kind: 'total', from: 0, to: before }]
  let level = before
  for (const { name, kind, effect } of moves) {
    if (Math.abs(effect) <= scale * DUST) continue
    steps.push({ name, kind, from: level, to: level + effect })
    level += effect
  }
  return [...steps, { name: 'Now', kind: 'total', from: 0, to: now }]
}

/** Starts at zero unless the changes would then be too small to see. */
export function bridgeScale(steps: readonly Step[]): { scale: Scale; cut: boolean } {
  const levels = steps.flatMap((step) => (step.kind === 'total' ? [step.to] : [step.from, step.to]))
  const low = Math.min(...levels)
  const high = Math.max(...levels)
  const cut = low > 0 && high - low < 0.3 * high
  const room = cut ? Math.max(0, low - (high - low) * 0.4) : low
  return { scale: niceScale([room, high], { intervals: 3, zero: !cut }), cut }
}

/** A floating bar out of three stacked ones: an invisible foot, what is above zero, what is below. */
export function stacked({ from, to }: Step, floor: number): [number, number, number] {
  const low = Math.max(Math.min(from, to), floor > 0 ? floor : -Infinity)
  const high = Math.max(from, to)
  if (low >= 0) return [low, high - low, 0]
  if (high <= 0) return [high, 0, low - high]
  return [0, high, low]
}

function isWelcome(step: Step, goodDirection: Direction): boolean {
  return step.to >= step.from === (goodDirection === 'up')
}

function colour(step: Step, goodDirection: Direction | null, palette: Palette): string {
  if (step.kind !== 'effect') return palette.total
  if (goodDirection === null) return palette.line
  return isWelcome(step, goodDirection) ? palette.positive : palette.negative
}

/** What stands beside a bar: the level of a total, the signed change of a step, its colour's word. */
function figure(step: Step, { formatValue, formatChange, goodDirection }: BridgeInput): string {
  if (step.kind === 'total') return formatValue(step.to)
  const change = formatChange(step.to - step.from)
  if (step.kind === 'rest' || goodDirection === null) return change
  return `${change} ${isWelcome(step, goodDirection) ? 'better' : 'worse'}`
}

/** Lying bars from `before` down to `now`; each has its signed change beside it. */
export function bridgeOption(input: BridgeInput): OptionBuilder {
  const steps = bridgeSteps(input)
  const { scale } = bridgeScale(steps)
  const bars = steps.map((step) => ({ step, parts: stacked(step, scale.min) }))
  return (palette, size) => {
    const texts = steps.map((step) => step.name)
    const labels = roomForNames(texts, Math.min(12, size.width / size.rem / 2.7))
    const names = nameAxis(texts, labels, palette, size)
    const isNarrow = size.width / size.rem < NARROW_REM
    const figures = steps.map((step) => {
      const text = figure(step, input)
      return isNarrow ? text.replace(/ (better|worse)$/, '\n$1') : text
    })
    const series = {
      type: 'bar' as const,
      stack: 'bridge',
      barCategoryGap: '35%',
      barMaxWidth: 1.75 * size.rem,
    }
    const drawn = (part: 1 | 2) =>
      bars.map(({ step, parts }) => ({
        value: parts[part],
        itemStyle: { color: colour(step, input.goodDirection, palette) },
      }))
    return {
      grid: plot(size, { left: labels, right: ROOM_FOR_FIGURES[isNarrow ? 'narrow' : 'wide'] }),
      xAxis: valueAxis(scale, input.formatValue, palette, size),
      yAxis: [
        names,
        {
          ...names,
          position: 'right',
          axisLine: { show: false },
          axisLabel: {
            ...names.axisLabel,
            formatter: (_name: string, index: number) => figures[index] ?? '',
          },
        },
      ],
      series: [
        {
          ...series,
          data: bars.map(({ parts: [foot] }) => foot),
          itemStyle: { color: 'transparent' },
          silent: true,
        },
        { ...series, data: drawn(1) },
        { ...series, data: drawn(2) },
      ],
    }
  }
}

/** The same steps as text: a sign says the direction, not only a colour. */
export function bridgeTable(input: BridgeInput): ChartTable {
  return {
    caption: 'From before to now',
    columns: ['Step', 'Effect', 'Level after it'],
    rows: bridgeSteps(input).map(({ name, kind, from, to }) => [
      name,
      kind === 'total' ? '–' : input.formatChange(to - from),
      input.formatValue(to),
    ]),
    exact: bridgeSteps(input).map(({ name, kind, from, to }) => [
      name,
      kind === 'total' ? null : to - from,
      to,
    ]),
  }
}
