import { describe, expect, it } from 'vitest'
import { clicks, errors, ttfb } from './fixtures'
import {
  budgetText,
  burnText,
  hasPercentile,
  limitText,
  measure,
  missingEventsText,
  promiseText,
  ratioText,
  targetText,
  windowFrom,
} from './text'

const plain = (text: string | null) => text?.replaceAll('\u202f', ' ')

describe('a promise', () => {
  it.each([
    [ttfb, 'At least 95 % in under 300 ms'],
    [errors, 'At least 99.9 % with a status under 500'],
    [clicks, 'At least 99 % in at most 2 clicks'],
  ])('reads in words', (objective, text) => {
    expect(plain(promiseText(objective))).toBe(text)
  })

  it('has both ends of a band', () => {
    const band = { metric: 'm', unit: 'ms', op: 'band' as const, low: 25_000, high: 35_000 }
    expect(limitText(band)).toBe('25 s to 35 s')
    const objective = { ...ttfb, threshold: band }
    expect(plain(promiseText(objective))).toBe('At least 95 % within 25 s to 35 s')
  })

  it('needs no threshold', () => {
    expect(limitText({ metric: 'm', unit: '' })).toBeNull()
    expect(plain(promiseText({ ...ttfb, threshold: { metric: 'm', unit: '' } }))).toBe(
      'At least 95 % good',
    )
  })
})

describe('numbers', () => {
  it.each([
    [0.95, '95 %'],
    [0.99, '99 %'],
    [0.999, '99.9 %'],
    [0.9995, '99.95 %'],
  ])('target %d is %s', (target, text) => {
    expect(plain(targetText(target))).toBe(text)
  })

  it.each([
    [240.4, 'ms', '240 ms'],
    [9_999, 'ms', '9,999 ms'],
    [30_500, 'ms', '30.5 s'],
    [1, 'clicks', '1 click'],
    [2, 'clicks', '2 clicks'],
    [200, 'status', 'status 200'],
  ])('%d in %s is %s', (value, unit, text) => {
    expect(measure(value, unit)).toBe(text)
  })

  it('never round a miss up to all', () => {
    expect(plain(ratioText(0.999_999_9, 0.999))).toBe('99.999 %')
  })

  it.each([
    [1, '100 % left'],
    [0, '0 % left'],
    [-1.4, 'Overspent by 140 %'],
  ])('a budget of %d reads %s', (remaining, text) => {
    expect(plain(budgetText(remaining))).toBe(text)
  })

  it('show no burn where there is none', () => {
    expect([burnText(null), burnText(0), burnText(0.004), burnText(0.94), burnText(14.2)]).toEqual([
      '–',
      '0×',
      '< 0.1×',
      '0.9×',
      '14×',
    ])
  })

  it('a status code has no percentile', () => {
    expect([hasPercentile(errors), hasPercentile(ttfb)]).toEqual([false, true])
  })

  it('tell how many events a verdict still needs', () => {
    expect(missingEventsText(clicks)).toBe('12 of the 1,000 events that a verdict needs')
    expect(missingEventsText({ ...clicks, total: 0 })).toContain('No events')
  })
})

it.each([
  [null, 7],
  ['1d', 1],
  ['28d', 28],
  ['30d', 30],
  ['5d', 7],
  ['28', 7],
])('the window %s of the URL is %i days', (text, days) => {
  expect(windowFrom(text)).toBe(days)
})
