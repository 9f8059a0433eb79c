import { describe, expect, it } from 'vitest'
import {
  COMPARES,
  DEFAULT_VIEW,
  GRANULARITIES,
  neighbours,
  parseView,
  rangeChange,
  RANGES,
  viewSearch,
  withView,
} from './view'

describe('another range', () => {
  it('leaves the year to date, which has a length of its own', () => {
    const view = { ...DEFAULT_VIEW, compare: 'ytd_target' } as const
    expect(rangeChange('6m', view)).toEqual({ range: '6m', compare: 'previous' })
    expect(neighbours(view).map(({ compare }) => compare)).toEqual([
      'ytd_target',
      'previous',
      'previous',
    ])
  })

  it('keeps a comparison with a year ago', () => {
    expect(rangeChange('6m', { ...DEFAULT_VIEW, compare: 'year_ago' })).toEqual({ range: '6m' })
  })
})

describe('the view in the URL', () => {
  it('is the default when the URL says nothing', () => {
    expect(parseView('')).toEqual(DEFAULT_VIEW)
  })

  it('survives a round trip, whatever it is', () => {
    for (const range of RANGES) {
      for (const granularity of GRANULARITIES) {
        for (const compare of COMPARES) {
          for (const asOf of [null, '2017-12-30']) {
            const view = { range, granularity, asOf, compare }
            expect(parseView(viewSearch(view))).toEqual(view)
          }
        }
      }
    }
  })

  it('falls back to the default for values that do not exist', () => {
    expect(parseView('range=3w&granularity=day&as_of=yesterday')).toEqual(DEFAULT_VIEW)
  })

  it('keeps other parameters of the page', () => {
    const search = viewSearch({ ...DEFAULT_VIEW, range: '6m' }, 'by=region&range=12m&sort=name')
    expect(search).toBe('range=6m&granularity=month&by=region&sort=name')
  })

  it('goes with a link, whose own parameters stay', () => {
    const view = {
      range: '6m',
      granularity: 'quarter',
      asOf: '2026-01-31',
      compare: 'year_ago',
    } as const
    expect(withView('/supply?by=region', view)).toBe(
      '/supply?range=6m&granularity=quarter&as_of=2026-01-31&compare=year_ago&by=region',
    )
  })

  it('begins with the first page of its rows', () => {
    const search = viewSearch({ ...DEFAULT_VIEW, range: '6m' }, 'range=12m&page=3&region=West')
    expect(search).toBe('range=6m&granularity=month&region=West')
  })

  it('has the three other windows as neighbours, one click away first', () => {
    const names = neighbours({ ...DEFAULT_VIEW, asOf: '2026-01-31' }).map(
      ({ range, granularity, asOf }) => `${range} ${granularity} ${asOf}`,
    )
    expect(names).toEqual([
      '12m quarter 2026-01-31',
      '6m month 2026-01-31',
      '6m quarter 2026-01-31',
    ])
  })
})
