import { describe, expect, it } from 'vitest'
import { metricAt, pageFileHref } from './pageFile'
import { DEFAULT_VIEW } from './view'

describe('metricAt', () => {
  it.each([
    ['/finance/kpis/gm', 'gm'],
    ['/supply/kpis/inventory_turns', 'inventory_turns'],
    ['/supply', 'backlog'],
    ['/operations/uptime', 'uptime'],
    ['/dashboard', null],
    ['/reliability', null],
  ])('%s is about %s', (path, metric) => {
    expect(metricAt(path)).toBe(metric)
  })
})

describe('pageFileHref', () => {
  it('asks for what the page asks for, and for nothing else of its URL', () => {
    const view = { ...DEFAULT_VIEW, range: '6m', asOf: '2026-03-31', compare: 'year_ago' } as const
    const search = 'region=A%26B&by=product&drivers_by=segment&page=3&sort=-amount&kiosk=1'
    const [path, asked] = pageFileHref('revenue', 'xlsx', view, search).split('?')
    expect(path).toBe('/api/kpis/revenue.xlsx')
    expect(Object.fromEntries(new URLSearchParams(asked))).toEqual({
      range: '6m',
      granularity: 'month',
      as_of: '2026-03-31',
      compare: 'year_ago',
      region: 'A&B',
      by: 'product',
      drivers_by: 'segment',
    })
  })
})
