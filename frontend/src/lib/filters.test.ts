import { describe, expect, it } from 'vitest'
import { isElement, parseFilters, withFilter } from './filters'

describe('filters in the URL', () => {
  it('are read beside other parameters', () => {
    const search = 'range=6m&region=West&segment=&by=product&customer=A%26B'
    expect(parseFilters(search)).toEqual({ region: 'West', customer: 'A&B' })
  })

  it('are set and taken away, and start the rows anew', () => {
    const set = withFilter('range=6m&page=3', 'region', 'R & D')
    expect(set).toBe('range=6m&region=R+%26+D')
    expect(withFilter(set, 'region', null)).toBe('range=6m')
  })

  it('are elements, not sums of others', () => {
    expect(['West', '(not given)', 'Other (12)', '(not broken down)'].map(isElement)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
