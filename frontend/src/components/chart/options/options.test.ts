import { beforeEach, describe, expect, it, vi } from 'vitest'
import { init } from '../engine'
import type { OptionBuilder, Palette } from '../spec'
import { PALETTE_NAMES } from '../spec'
import { breakdownOption, breakdownTable, MOST_BARS, ranked } from './breakdown'
import {
  bridgeOption,
  bridgeScale,
  bridgeSteps,
  bridgeTable,
  MOST_EFFECTS,
  stacked,
  type BridgeInput,
} from './bridge'
import { burnOption, burnTable, dailyBurn } from './burn'
import { inLines, labelEvery, roomForNames } from './common'
import { seriesOption, seriesTable } from './series'
import { trendOption, trendTable, type TrendInput } from './trend'
import { uptimeOption, uptimeTable } from './uptime'

const palette = Object.fromEntries(PALETTE_NAMES.map((name) => [name, `#${name}`])) as Palette
const size = { width: 900, height: 320, rem: 16 }
const pounds = (value: number) => `£${value}`
const signed = (value: number) => `${value < 0 ? '' : '+'}${value}`

beforeEach(() => {
  // jsdom measures no text; the library then estimates it
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})

/** What the real library draws of an option: the whole SVG as text. */
function drawn(build: OptionBuilder, box = size): string {
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, ...box })
  chart.setOption({ animation: false, ...build(palette, box) })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

function bars(svg: string, colour: string): number {
  return svg.split(`fill="${colour}"`).length - 1
}

const trend: TrendInput = {
  rows: [
    { period: '2026-08', recognized: 100, booked: 120, backlog: 900 },
    { period: '2026-09', recognized: null, booked: null, backlog: null },
    { period: '2026-10', recognized: 80, booked: 90, backlog: 1000 },
  ],
  running: {
    period: '2026-11',
    through: '2026-11-21',
    recognized: 60,
    booked: 70,
    backlog: 1010,
  },
  formatValue: pounds,
  formatPeriod: (period) => period,
}

describe('the trend', () => {
  it('puts flows above and the stock below, in the same columns', () => {
    const option = trendOption(trend)(palette, size)
    const [flows, stock] = option.grid as { left: number; top: number; height: number }[]
    expect(flows?.left).toBe(stock?.left)
    expect((flows?.top ?? 0) + (flows?.height ?? 0)).toBeLessThan(stock?.top ?? 0)
  })

  it('passes missing periods on as missing and never connects over them', () => {
    const series = trendOption(trend)(palette, size).series as { data: unknown[] }[]
    for (const one of series) expect(one.data[1]).toBeNull()
    expect(series.every((one) => !('connectNulls' in one) || one.connectNulls === false)).toBe(true)
  })

  it('keeps the running month out of the lines', () => {
    const series = trendOption(trend)(palette, size).series as { name: string; data: unknown[] }[]
    const line = series.find((one) => one.name === 'Booked')
    const dot = series.find((one) => one.name === 'Booked, running month')
    expect(line?.data).toEqual([120, null, 90])
    expect(dot?.data).toEqual([null, null, null, 70])
  })

  it('is drawn by the library with every period named', () => {
    const svg = drawn(trendOption(trend))
    for (const period of ['2026-08', '2026-09', '2026-10', '2026-11']) expect(svg).toContain(period)
    expect(svg).toContain('pattern') // the running month is hatched
  })

  it('reads as a table, the running month marked', () => {
    const { rows } = trendTable(trend)
    expect(rows[1]).toEqual(['2026-09', 'no data', 'no data', 'no data'])
    expect(rows[3]?.[0]).toBe('2026-11, running (to 21 Nov 2026)')
    expect(rows).toHaveLength(4)
  })
})

describe('on a wall', () => {
  const plain = {
    name: 'Margin',
    points: [{ period: '2026-08', value: 0.5 }],
    mark: 'line' as const,
    target: 0.6,
    formatValue: pounds,
    formatPeriod: (period: string) => period,
  }

  it.each([
    ['the trend', () => trendOption(trend)],
    ['a series', () => seriesOption(plain)],
  ])('%s has lines and dots as much larger as its text', (_name, build) => {
    const sizes = (rem: number) => {
      const { series } = build()(palette, { ...size, rem })
      const lines = (series as { lineStyle?: { width: number }; symbolSize?: number }[]).filter(
        ({ lineStyle }) => lineStyle !== undefined,
      )
      return lines.map(({ lineStyle, symbolSize = 0 }) => [lineStyle?.width ?? 0, symbolSize])
    }
    expect(sizes(16)[0]).toEqual([2, 6])
    expect(sizes(32)).toEqual(sizes(16).map((pair) => pair.map((pixels) => pixels * 2)))
  })
})

describe('a series', () => {
  const input = {
    name: 'Uptime',
    points: [
      { period: '2026-09', value: 0.991 },
      { period: '2026-10', value: null, note: 'Nothing recorded' },
    ],
    mark: 'line' as const,
    target: 0.999,
    formatValue: (value: number) => `${value * 100}%`,
    formatPeriod: (period: string) => period,
  }

  it('starts bars at zero and lets lines hug their values', () => {
    const axis = (mark: 'bar' | 'line') =>
      (seriesOption({ ...input, mark })(palette, size).yAxis as { min: number }).min
    expect(axis('bar')).toBe(0)
    expect(axis('line')).toBeGreaterThan(0.9)
  })

  it('draws its target at the last period, whose it is, inside the axis', () => {
    const option = seriesOption(input)(palette, size)
    const series = option.series as { name: string; data: number[] }[]
    expect(series.find((one) => one.name === 'Target')?.data).toEqual([null, 0.999])
    expect((option.yAxis as { max: number }).max).toBeGreaterThanOrEqual(0.999)
  })

  it('tells why a period is missing', () => {
    expect(seriesTable(input).rows[1]).toEqual(['2026-10', 'Nothing recorded', '99.9%'])
  })

  it('is drawn without any data', () => {
    const points = input.points.map((point) => ({ ...point, value: null }))
    expect(drawn(seriesOption({ ...input, points, target: undefined }))).toContain('2026-09')
  })
})

describe('uptime', () => {
  const input = {
    points: [
      { period: '2026-09', value: null, lostMinutes: null, note: 'Nothing recorded' },
      { period: '2026-10', value: 0.9991, lostMinutes: 40 },
    ],
    target: 0.9999,
    formatRatio: (ratio: number) => `${ratio * 100}%`,
    formatMinutes: (minutes: number) => `${minutes} min`,
    formatPeriod: (period: string) => period,
  }

  it('never has an axis over all the time', () => {
    const perfect = [{ period: '2026-10', value: 1, lostMinutes: 0 }]
    const option = uptimeOption({ ...input, points: perfect, target: undefined })(palette, size)
    const [ratios] = option.yAxis as { max: number }[]
    expect(ratios?.max).toBe(1)
  })

  it('sets the minutes under the ratio, from zero', () => {
    const [, minutes] = uptimeOption(input)(palette, size).yAxis as { min: number; max: number }[]
    expect(minutes).toMatchObject({ min: 0, max: 40 })
    expect(bars(drawn(uptimeOption(input)), '#negative')).toBe(1)
  })

  it('is a table with reasons', () => {
    expect(uptimeTable(input).rows).toEqual([
      ['2026-09', 'Nothing recorded', '–'],
      ['2026-10', '99.91%', '40 min'],
    ])
  })
})

describe('a breakdown', () => {
  const items = [
    { name: 'North', value: 10, share: 0.1 },
    { name: 'South', value: null, share: null },
    { name: 'West', value: -90, share: -0.9 },
  ]
  const input = { name: 'Revenue by region', items, formatValue: pounds, formatShare: pounds }

  it('puts the largest first, whatever its sign, and the missing last', () => {
    expect(ranked(items).map((item) => item.name)).toEqual(['West', 'North', 'South'])
  })

  it('puts the unlisted tail last, however large', () => {
    const tail = { name: 'Other (736)', value: 5000, share: 0.9 }
    expect(ranked([tail, ...items]).at(-1)).toBe(tail)
  })

  it('keeps an order that the items have of their own', () => {
    const names = breakdownTable({ ...input, keepOrder: true }).rows.map(([name]) => name)
    expect(names).toEqual(['North', 'South', 'West'])
  })

  it('draws as many as can be read and lists them all', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      name: `P${index}`,
      value: index,
      share: 0,
    }))
    const option = breakdownOption({ ...input, items: many })(palette, size)
    expect((option.yAxis as { data: string[] }).data).toHaveLength(MOST_BARS)
    expect(breakdownTable({ ...input, items: many }).rows).toHaveLength(40)
  })

  it('shows what is missing as missing', () => {
    expect(breakdownTable(input).rows[2]).toEqual(['South', 'no data', '–'])
    const series = breakdownOption(input)(palette, size).series as { data: unknown[] }[]
    expect(series[0]?.data).toEqual([-90, 10, null])
  })

  it('is drawn with a bar for each known value', () => {
    expect(bars(drawn(breakdownOption(input)), '#line')).toBe(2)
  })

  it('breaks names that do not fit into two lines, and shortens what is longer still', () => {
    expect(inLines('North', 5)).toBe('North')
    expect(inLines('Enterprise (rate)', 5)).toBe('Enterprise\n(rate)')
    expect(inLines('Office supplies and more', 5)).toBe('Office\nsupplies a…')
    expect(inLines('Unterbeamtengesellschaft', 5)).toBe('Unterbeamt…')
  })

  it('gives names no more room than the longest of them needs', () => {
    expect(roomForNames(['New', 'Expansion'], 12)).toBeLessThan(6)
    expect(roomForNames(['Sales and marketing expense'], 12)).toBe(12)
  })
})

describe('a bridge', () => {
  const bridge: BridgeInput = {
    before: 100,
    now: 130,
    contributions: [
      { name: 'North', effect: -20, kind: 'additive' },
      { name: 'South', effect: 45, kind: 'additive' },
      { name: 'West', effect: 0, kind: 'additive' },
    ],
    residual: 5,
    goodDirection: 'up',
    formatValue: pounds,
    formatChange: signed,
  }

  it('walks from before to now, the largest effect first, the residual last', () => {
    expect(bridgeSteps(bridge)).toEqual([
      { name: 'Before', kind: 'total', from: 0, to: 100 },
      { name: 'South', kind: 'effect', from: 100, to: 145 },
      { name: 'North', kind: 'effect', from: 145, to: 125 },
      { name: 'Not explained', kind: 'rest', from: 125, to: 130 },
      { name: 'Now', kind: 'total', from: 0, to: 130 },
    ])
  })

  it('joins the small effects so that the walk still arrives', () => {
    const contributions = Array.from({ length: 30 }, (_, index) => ({
      name: `C${index}`,
      effect: index + 1,
      kind: 'movement',
    }))
    const now = 100 + (30 * 31) / 2
    const steps = bridgeSteps({ ...bridge, contributions, residual: 0, now })
    expect(steps).toHaveLength(1 + MOST_EFFECTS + 1 + 1)
    expect(steps.at(-2)).toMatchObject({ name: '22 smaller', kind: 'rest', to: now })
  })

  it('joins what is too small to see, however few there are', () => {
    const contributions = [
      { name: 'North', effect: 30, kind: 'additive' },
      { name: 'South', effect: 0.1, kind: 'additive' },
      { name: 'West', effect: -0.1, kind: 'additive' },
      { name: 'East', effect: 0.05, kind: 'additive' },
    ]
    const steps = bridgeSteps({ ...bridge, contributions, residual: 0, now: 130.05 })
    expect(steps.map((step) => step.name)).toEqual(['Before', 'North', '3 smaller', 'Now'])
  })

  it('never draws the unlisted tail as one of the elements', () => {
    const contributions = [
      { name: 'Other (736)', effect: 25, kind: 'additive' },
      { name: 'North', effect: 5, kind: 'additive' },
    ]
    const steps = bridgeSteps({ ...bridge, contributions, residual: 0 })
    expect(steps.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'Before total',
      'North effect',
      'All others rest',
      'Now total',
    ])
  })

  it('tells the rate and the mix effect of one name apart', () => {
    const contributions = [
      { name: 'North', effect: -0.02, kind: 'rate' },
      { name: 'North', effect: 0.01, kind: 'mix' },
    ]
    const names = bridgeSteps({ ...bridge, contributions }).map((step) => step.name)
    expect(names).toContain('North (rate)')
    expect(names).toContain('North (mix)')
  })

  it.each([
    ['above zero', { from: 100, to: 145 }, 0, [100, 45, 0]],
    ['down, above zero', { from: 145, to: 125 }, 0, [125, 20, 0]],
    ['across zero', { from: 10, to: -5 }, -10, [0, 10, -5]],
    ['below zero', { from: -5, to: -9 }, -10, [-5, 0, -4]],
    ['a total on a cut axis', { from: 0, to: 100 }, 80, [80, 20, 0]],
  ])('stacks a floating bar %s', (_name, step, floor, expected) => {
    expect(stacked({ name: '', kind: 'effect', ...step }, floor)).toEqual(expected)
  })

  it('cuts the axis only when changes would be too small to see', () => {
    const level = (before: number, now: number) =>
      bridgeScale(
        bridgeSteps({ ...bridge, before, now, contributions: [], residual: now - before }),
      )
    expect(level(0.42, 0.415).cut).toBe(true)
    expect(level(0.42, 0.415).scale.min).toBeGreaterThan(0)
    expect(level(100, 200).cut).toBe(false)
    expect(level(-0.42, 0.415).cut).toBe(false)
  })

  it('draws what is welcome in the colour of good, in either direction', () => {
    const south = (goodDirection: 'up' | 'down' | null) => {
      const option = bridgeOption({ ...bridge, goodDirection })(palette, size)
      const series = option.series as { data: { itemStyle: { color: string } }[] }[]
      return series[1]?.data[1]?.itemStyle.color
    }
    expect([south('up'), south('down')]).toEqual(['#positive', '#negative'])
    expect(south(null)).toBe('#line')
    expect(drawn(bridgeOption({ ...bridge, goodDirection: null }))).not.toMatch(/better|worse/)
  })

  it('has the signed change of each step beside it, and whether it is welcome in a word', () => {
    const svg = drawn(bridgeOption(bridge))
    for (const text of ['£100', '+45 better', '-20 worse', '+5', '£130'])
      expect(svg).toContain(`>${text}<`)
  })

  it('draws rises and falls in different colours, and the table has their signs', () => {
    const svg = drawn(bridgeOption(bridge))
    expect(bars(svg, '#positive')).toBeGreaterThan(0)
    expect(bars(svg, '#negative')).toBeGreaterThan(0)
    expect(bridgeTable(bridge).rows.map(([, effect]) => effect)).toEqual([
      '–',
      '+45',
      '-20',
      '+5',
      '–',
    ])
  })
})

describe('the burn of a budget', () => {
  const days = [
    { day: '2026-11-01', good: 95, total: 100, p95: 240 },
    { day: '2026-11-02', good: 0, total: 0, p95: null },
    { day: '2026-11-03', good: 80, total: 100, p95: 410 },
  ]
  const input = {
    days,
    target: 0.95,
    formatDay: (day: string) => day,
    formatP95: (ms: number) => `${ms} ms`,
  }

  it('is 1 on a day that spends exactly what the target allows', () => {
    expect(days.map((day) => dailyBurn(day, 0.95))).toEqual([
      expect.closeTo(1, 9),
      null,
      expect.closeTo(4, 9),
    ])
  })

  it('marks the days over the line', () => {
    const [bar] = burnOption(input)(palette, size).series as {
      data: { value: number | null; itemStyle: { color: string } }[]
    }[]
    expect(bar?.data[1]?.value).toBeNull()
    expect(bar?.data[2]?.itemStyle.color).toBe('#negative')
  })

  it('is drawn, and a day without events says so', () => {
    expect(drawn(burnOption(input))).toContain('2026-11-03')
    expect(burnTable(input).rows[1]).toEqual(['2026-11-02', 'no events', '0', '0', '–'])
  })
})

it.each([
  [1200, 12, 1],
  [700, 12, 2],
  [700, 3, 1],
  [320, 12, 3],
  [320, 13, 4],
  [320, 3, 1],
  [1200, 30, 2],
  [320, 30, 6],
])('on %i px, %i periods are named every %i', (width, slots, every) => {
  expect(labelEvery({ ...size, width }, slots)).toBe(every)
})
