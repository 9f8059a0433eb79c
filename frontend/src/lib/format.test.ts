import { describe, expect, it } from 'vitest'
import {
  compactMoney,
  count,
  exactMoney,
  formatAge,
  formatChange,
  formatDate,
  formatMonth,
  formatPeriod,
  formatValue,
  months,
  multiple,
  percentage,
  points,
} from './format'

/** Narrow spaces are typography; here they would only hide what is meant. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ')

describe('money', () => {
  it.each([
    [1_200_000, '£1.2M'],
    [1_234_567, '£1.23M'],
    [999_999, '£1M'],
    [12_345, '£12.3k'],
    [999.6, '£1,000'],
    [999, '£999'],
    [0, '£0'],
    [-0.2, '£0'],
    [-83_829.32, '−£83.8k'],
    [2_500_000_000, '£2.5B'],
  ])('%d reads %s', (value, text) => {
    expect(compactMoney(value, { currency: '£' })).toBe(text)
  })

  it('agrees with the browser itself, from a thousand to a trillion', () => {
    const options = { notation: 'compact', maximumSignificantDigits: 3 } as const
    const intl = new Intl.NumberFormat('en', options)
    for (let value = 1000; value < 1e15; value *= 1.0371) {
      expect(compactMoney(value)).toBe(intl.format(value).replace('K', 'k'))
    }
  })

  it('puts a space after a currency that is a word', () => {
    expect(plain(compactMoney(1500, { currency: 'SEK' }))).toBe('SEK 1.5k')
  })

  it('is exact to the last cent in tables', () => {
    expect(exactMoney(-1234567.891, { currency: '£' })).toBe('−£1,234,567.89')
  })
})

describe('rates', () => {
  it.each([
    [0.954, 1, '95.4 %'],
    [1.0821, 1, '108.2 %'],
    [-0.034, 1, '−3.4 %'],
    [0, 1, '0.0 %'],
    [1, 2, '100.00 %'],
  ])('%d with %d digits reads %s', (ratio, digits, text) => {
    expect(plain(percentage(ratio, digits))).toBe(text)
  })

  it('never rounds up to 100 %', () => {
    expect(plain(percentage(0.99999, 2))).toBe('99.99 %')
    expect(plain(percentage(0.9996, 1))).toBe('99.9 %')
  })

  it('shows a change in points, with its sign', () => {
    expect(plain(points(0.005))).toBe('+0.5 pp')
    expect(plain(points(-0.0003, 2))).toBe('−0.03 pp')
    expect(plain(points(-0.00001))).toBe('0.0 pp')
  })
})

describe('other numbers', () => {
  it('names months and multiples', () => {
    expect(plain(months(7.42))).toBe('7.4 mo')
    expect(plain(months(0.083, true))).toBe('+0.08 mo')
    expect(multiple(1.083)).toBe('1.08x')
    expect(multiple(-0.02, true)).toBe('−0.02x')
  })

  it('separates thousands', () => {
    expect(count(1234567)).toBe('1,234,567')
  })

  it('formats a value and its change by kind', () => {
    expect(formatValue(41_235_900.5, 'money', { currency: '£' })).toBe('£41.2M')
    expect(plain(formatValue(0.99958, 'ratio', { digits: 2 }))).toBe('99.96 %')
    expect(formatChange(3_450_020, 'money', { currency: '£' })).toBe('+£3.45M')
    expect(plain(formatChange(-1.25, 'months'))).toBe('−1.3 mo')
  })
})

describe('time', () => {
  it('names periods so that none reads as a day', () => {
    expect(formatPeriod('2026-03')).toBe('Mar ’26')
    expect(formatPeriod('2026-Q1')).toBe('Q1 ’26')
    expect(formatPeriod('whatever')).toBe('whatever')
  })

  it('keeps a date in every time zone', () => {
    expect(formatDate('2026-03-07')).toBe('7 Mar 2026')
    expect(formatMonth('2026-03-31')).toBe('Mar 2026')
  })

  it.each([
    [0, 'just now'],
    [5 * 60_000, '5 min'],
    [3 * 3_600_000, '3 h'],
    [12 * 86_400_000, '12 d'],
  ])('%d ms ago reads %s', (ms, text) => {
    const now = new Date('2026-11-22T12:00:00Z')
    expect(formatAge(new Date(now.getTime() - ms), now)).toBe(text)
  })
})
