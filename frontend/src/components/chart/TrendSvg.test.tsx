import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, describe, expect, it } from 'vitest'
import { TrendSvg } from './TrendSvg'
import { heightIn, trendGeometry, type RunningRow, type TrendRow } from './trendGeometry'

afterEach(cleanup)

const rows: TrendRow[] = [
  { period: '2026-08', recognized: 100, booked: 120, backlog: 900 },
  { period: '2026-09', recognized: null, booked: null, backlog: null },
  { period: '2026-10', recognized: -20, booked: 90, backlog: 1000 },
]
const running: RunningRow = {
  period: '2026-11',
  through: '2026-11-21',
  recognized: 60,
  booked: 70,
  backlog: 1010,
}

function parts(container: Element, part: string) {
  return container.querySelectorAll(`[data-part="${part}"]`)
}

describe('TrendSvg', () => {
  it('draws a bar a known period and none for a missing one', () => {
    const { container } = render(<TrendSvg rows={rows} running={null} formatValue={String} />)
    expect(parts(container, 'recognized')).toHaveLength(2)
    expect(parts(container, 'running')).toHaveLength(0)
  })

  it('breaks the lines at a missing period', () => {
    const { container } = render(<TrendSvg rows={rows} running={null} formatValue={String} />)
    expect(parts(container, 'booked')[0]?.querySelector('path')?.getAttribute('d')).toBe('')
    expect(parts(container, 'booked')[0]?.querySelectorAll('circle')).toHaveLength(2)
    expect(parts(container, 'backlog')[0]?.querySelectorAll('circle')).toHaveLength(2)
  })

  it('connects neighbours at their height', () => {
    const two = rows.filter((row) => row.recognized !== null)
    const { container } = render(<TrendSvg rows={two} running={null} formatValue={String} />)
    const { flows } = trendGeometry(two, null)
    const [from, to] = two.map((row) => Number((heightIn(flows, row.booked ?? 0) * 100).toFixed(2)))
    const line = parts(container, 'booked')[0]?.querySelector('path')?.getAttribute('d')
    expect(line).toBe(`M25 ${String(from)}L75 ${String(to)}`)
  })

  it('hangs a credit-note month under the zero line', () => {
    const { container } = render(<TrendSvg rows={rows} running={null} formatValue={String} />)
    const [above, below] = [...parts(container, 'recognized')].map((bar) => ({
      top: Number.parseFloat(bar.getAttribute('y') ?? ''),
      height: Number.parseFloat(bar.getAttribute('height') ?? ''),
    }))
    expect(below?.top).toBeCloseTo((above?.top ?? 0) + (above?.height ?? 0), 2)
    expect(below?.height).toBeGreaterThan(0)
  })

  it('keeps the running month apart and hatched', () => {
    const { container } = render(<TrendSvg rows={rows} running={running} formatValue={String} />)
    expect(parts(container, 'running')[0]?.getAttribute('fill')).toMatch(/^url\(#/)
    expect(parts(container, 'recognized')).toHaveLength(2)
  })

  it('names every period and tells the series in words', () => {
    render(<TrendSvg rows={rows} running={running} formatValue={(value) => `£${value}`} />)
    for (const period of ['2026-08', '2026-09', '2026-10', '2026-11']) {
      expect(screen.getByText(period)).toBeTruthy()
    }
    const label = screen.getByRole('img').getAttribute('aria-label')
    expect(label).toContain('recognized from £100 to £-20')
    expect(label).toContain('1 of 3 periods missing')
    expect(label).toContain('running month so far £60')
  })

  it('survives a window without any data', () => {
    const empty = rows.map((row) => ({ ...row, recognized: null, booked: null, backlog: null }))
    const { container } = render(<TrendSvg rows={empty} running={null} formatValue={String} />)
    expect(parts(container, 'recognized')).toHaveLength(0)
  })
})

describe('trendGeometry', () => {
  it("keeps every value inside its panel, the running month's too", () => {
    const geometry = trendGeometry(rows, { ...running, booked: 500, backlog: 4000 })
    expect(geometry.slots).toBe(4)
    expect(heightIn(geometry.flows, 500)).toBeGreaterThanOrEqual(geometry.flows.top)
    expect(heightIn(geometry.flows, -20)).toBeLessThanOrEqual(geometry.flows.bottom)
    expect(heightIn(geometry.stock, 4000)).toBeGreaterThanOrEqual(geometry.stock.top)
  })

  it('does not let a large backlog flatten the flows', () => {
    const { flows } = trendGeometry(rows, null)
    expect(flows.scale.max).toBeLessThan(900)
  })
})
