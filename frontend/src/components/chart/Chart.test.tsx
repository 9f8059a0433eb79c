import { act, cleanup, configure, render, screen } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Chart } from './Chart'
import { ChartFigure } from './ChartFigure'
import './engine' // loaded before the clock of a test runs
import type { OptionBuilder } from './spec'
import { TrendChart } from './TrendChart'
import { tooltipContent } from './tooltip'

vi.setConfig({ testTimeout: 20_000 }) // several pages at work on one small machine
configure({ asyncUtilTimeout: 10_000 })
afterEach(cleanup)

const table = { caption: 'Sales', columns: ['Month', 'Sales'], rows: [['Oct', '£7']] }
const option: OptionBuilder = () => ({
  xAxis: { type: 'category', data: ['Oct'] },
  yAxis: {},
  series: [{ type: 'bar', data: [7] }],
})

let box = { width: 600, height: 300 }
let resized: () => void = () => undefined

beforeEach(() => {
  box = { width: 600, height: 300 }
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        resized = callback
      }
      observe() {
        return undefined
      }
      disconnect() {
        return undefined
      }
    },
  )
  // jsdom lays nothing out and paints no canvas
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockImplementation(() => box.width)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockImplementation(() => box.height)
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})

/** Whether a light drawing is not covered by the library's; styles are for a real browser. */
function isToBeSeen(text: string): boolean {
  return screen.getByText(text).closest('[data-covered="true"]') === null
}

describe('Chart', () => {
  it('shows its fallback until the library has drawn into the same box', async () => {
    render(
      <Chart
        option={option}
        table={table}
        label="Sales by month"
        fallback={<p>light drawing</p>}
      />,
    )
    expect(isToBeSeen('light drawing')).toBe(true)
    const chart = await screen.findByRole('img', { name: 'Sales by month' })
    expect(chart.querySelector('svg')).toBeTruthy()
    expect(isToBeSeen('light drawing')).toBe(false)
  })

  it('draws what is new lightly first, and again with the library when idle', async () => {
    const draw = (name: string) => {
      const fresh: OptionBuilder = (palette, size) => option(palette, size)
      return <Chart option={fresh} table={table} label={name} fallback={<p>light {name}</p>} />
    }
    const { rerender } = render(draw('months'))
    await screen.findByRole('img', { name: 'months' })
    rerender(draw('quarters'))
    expect(isToBeSeen('light quarters')).toBe(true)
    expect(screen.queryByRole('img')).toBeNull() // the old drawing is not to be seen
    await screen.findByRole('img', { name: 'quarters' })
    expect(isToBeSeen('light quarters')).toBe(false)
  })

  it('draws what may come next while it is hidden, and only then', async () => {
    const draw = (name: string, next: string) => {
      const fresh: OptionBuilder = (palette, size) => option(palette, size)
      return (
        <Chart
          option={fresh}
          table={table}
          label={name}
          fallback={<p>light {name}</p>}
          ahead={<p>light {next}</p>}
        />
      )
    }
    const { rerender } = render(draw('months', 'quarters'))
    expect(isToBeSeen('light months')).toBe(true)
    await screen.findByRole('img', { name: 'months' })
    expect(isToBeSeen('light quarters')).toBe(false)
    expect(screen.queryByText('light months')).toBeNull()
    rerender(draw('quarters', 'months'))
    expect(isToBeSeen('light quarters')).toBe(true)
  })

  it('follows its box and goes away without a trace', async () => {
    const { unmount } = render(<Chart option={option} table={table} label="Sales" />)
    const chart = await screen.findByRole('img', { name: 'Sales' })
    expect(chart.querySelector('svg')?.getAttribute('width')).toBe('600')
    box = { width: 320, height: 200 }
    await act(() => {
      resized()
    })
    expect(chart.querySelector('svg')?.getAttribute('width')).toBe('320')
    unmount()
    expect(chart.querySelector('svg')).toBeNull()
  })

  it('reports each drawing once, the light one included', async () => {
    const onDrawn = vi.fn()
    const { rerender } = render(
      <Chart option={option} table={table} label="Sales" fallback={<p />} onDrawn={onDrawn} />,
    )
    expect(onDrawn).toHaveBeenCalledTimes(1)
    await screen.findByRole('img', { name: 'Sales' })
    const next: OptionBuilder = (palette, size) => option(palette, size)
    rerender(<Chart option={next} table={table} label="Sales" fallback={<p />} onDrawn={onDrawn} />)
    expect(onDrawn).toHaveBeenCalledTimes(2)
  })
})

describe('ChartFigure', () => {
  it('turns into a table and back', async () => {
    const user = userEvent.setup()
    render(<ChartFigure title="Sales" option={option} table={table} label="Sales by month" />)
    const button = screen.getByRole('button', { name: 'View as table: Sales' })
    await user.click(button)
    expect(button.getAttribute('aria-pressed')).toBe('true')
    expect(screen.getByRole('row', { name: 'Oct £7' })).toBeTruthy()
    await user.click(button)
    expect(screen.queryByRole('table')).toBeNull()
    await screen.findByRole('img', { name: 'Sales by month' })
  })
})

describe('TrendChart', () => {
  const rows = [{ period: '2026-10', recognized: 100, booked: 120, backlog: 900 }]

  it('is complete before the library is there', () => {
    const onDrawn = vi.fn()
    render(<TrendChart rows={rows} running={null} formatValue={String} onDrawn={onDrawn} />)
    const label = screen.getByRole('img').getAttribute('aria-label')
    expect(label).toContain('recognized from 100 to 100')
    expect(screen.getByText('Booked')).toBeTruthy()
    expect(screen.queryByText('Running month so far')).toBeNull()
    expect(onDrawn).toHaveBeenCalledTimes(1)
  })
})

describe('a tooltip', () => {
  it('says what the table says, and takes names literally', () => {
    const name = '<img src=x onerror=alert(1)>'
    const hostile = { ...table, columns: ['Month', name], rows: [[name, '£7']] }
    const content = tooltipContent(hostile, 0, 'tip')
    expect(content.textContent).toBe(`${name}${name}£7`)
    expect(content.querySelector('img')).toBeNull()
  })
})
