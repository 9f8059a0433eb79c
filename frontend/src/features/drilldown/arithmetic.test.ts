import { describe, expect, it } from 'vitest'
import { downtimeByService, lostMinutes } from './downtime'
import { backlog, uptime } from './fixtures'
import { checked, rollForwardOf, windowRollForward } from './rollForward'
import { columnsOf, isNumeric, lastPage, pageFrom } from '@/lib/rows'
import { sorted } from '@/components/SortableTable'
import { durationText, inputText, reasonText, words, wordsWithin } from '@/lib/words'
import { decimalsOf, valueText } from './text'

describe('the roll-forward of the backlog', () => {
  const holds = { opening: 100, booked: 50, recognized: 30, cancelled: 5, closing: 115 }

  it.each([
    ['holds when the movements lead to the closing', holds, { verdict: 'holds' }],
    ['forgives rounding', { ...holds, closing: 115.004 }, { verdict: 'holds' }],
    [
      'names what is missing when it does not',
      { ...holds, closing: 120 },
      { verdict: 'differs', difference: 5 },
    ],
    ['sees a penny', { ...holds, closing: 114.99 }, { verdict: 'differs' }],
    [
      'cannot be checked without one of its terms',
      { ...holds, cancelled: null },
      { verdict: 'unknown', missing: ['cancelled'] },
    ],
    ['takes nothing for zero', {}, { verdict: 'unknown' }],
    [
      'holds at zero',
      { opening: 0, booked: 0, recognized: 0, cancelled: 0, closing: 0 },
      { verdict: 'holds' },
    ],
  ])('%s', (_name, amounts, expected) => {
    expect(checked(rollForwardOf(amounts))).toMatchObject(expected)
  })

  it('of the window comes from the inputs of the formula', () => {
    expect(checked(windowRollForward(backlog))).toEqual({ verdict: 'holds' })
  })
})

describe('minutes lost', () => {
  it('are what was observed and not up', () => {
    expect(lostMinutes({ up_seconds: 3000, observed_seconds: 3600 })).toBe(10)
    expect(lostMinutes({ up_seconds: 3600, observed_seconds: 3600 })).toBe(0)
    expect(lostMinutes({ observed_seconds: 3600 })).toBeNull()
  })

  it('by service add up to all of them, the most first', () => {
    const services = downtimeByService(uptime)
    expect(services.map(({ service }) => service)).toEqual(['web', 'mail', 'api'])
    const total = services.reduce((sum, { lostMinutes: lost }) => sum + (lost ?? 0), 0)
    expect(total).toBeCloseTo((1_200_000 - 1_199_400) / 60, 6)
    expect(services.reduce((sum, { lostShare }) => sum + (lostShare ?? 0), 0)).toBeCloseTo(1, 6)
  })

  it('are unknown for a service that was not observed', () => {
    const breakdown = [{ name: 'api', value: null, share: null }]
    const [service] = downtimeByService({ ...uptime, breakdown })
    expect(service).toMatchObject({ lostMinutes: null, lostShare: null })
  })

  it('have no shares when nothing was lost', () => {
    const inputs = uptime.formula.inputs.map((input) => ({ ...input, value: 600 }))
    const [service] = downtimeByService({ ...uptime, formula: { ...uptime.formula, inputs } })
    expect(service?.lostShare).toBeNull()
  })
})

describe('sorting', () => {
  const items = [{ n: 2 }, { n: null }, { n: 10 }, { n: -1 }]

  it.each([
    ['ascending' as const, [-1, 2, 10, null]],
    ['descending' as const, [10, 2, -1, null]],
  ])('%s puts the missing last', (order, expected) => {
    expect(sorted(items, ({ n }) => n, order).map(({ n }) => n)).toEqual(expected)
  })
})

describe('rows', () => {
  it('have the columns of all of them', () => {
    expect(columnsOf([{ a: 1 }, { a: 2, b: 3 }])).toEqual(['a', 'b'])
  })

  it('name their kind only where there are several', () => {
    expect(columnsOf([{ kind: 'orders', a: 1 }])).toEqual(['a'])
    expect(columnsOf([{ kind: 'orders' }, { kind: 'expenses' }])).toEqual(['kind'])
  })

  it.each([
    ['decimal text', '120.50', true],
    ['a negative', -3, true],
    ['a date', '2026-10-01', false],
    ['an id', 'O-1', false],
  ])('take %s for a number: %s is %s', (_name, cell, expected) => {
    expect(isNumeric([{ a: cell }, { a: null }], 'a')).toBe(expected)
  })

  it('have at least one page', () => {
    expect([lastPage(0, 25), lastPage(25, 25), lastPage(26, 25)]).toEqual([1, 1, 2])
  })

  it.each([
    [null, 1],
    ['3', 3],
    ['0', 1],
    ['-2', 1],
    ['2.5', 1],
    ['many', 1],
  ])('page %s of the URL is page %i', (text, page) => {
    expect(pageFrom(text)).toBe(page)
  })
})

describe('words', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [750, '12 min 30 s'],
    [3600, '1 h'],
    [90_061, '1 d 1 h'],
    [1_200_000, '13 d 21 h'],
    [-90, '\u22121 min 30 s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text)
  })

  it('keep each unit', () => {
    expect(inputText(1234.5, 'money', '£')).toBe('£1,234.50')
    expect(inputText(12, 'count', '£')).toBe('12')
    expect(inputText(0.42135, 'ratio', '£')).toContain('42.14')
  })

  it('explain what is missing, and never hide an unknown code', () => {
    expect(reasonText('no_data')).toBe('Nothing recorded for this window')
    expect(reasonText('solar_flare')).toBe('Solar flare')
    expect(words('win_rate')).toBe('Win rate')
    expect(words('opening_mrr')).toBe('Opening MRR')
    expect(wordsWithin('Region')).toBe('region')
    expect(wordsWithin('arr')).toBe('ARR')
  })
})

describe('an axis', () => {
  it.each([
    [10, 0],
    [1, 0],
    [0.5, 1],
    [0.25, 2],
    [0.1, 1],
    [0.025, 3],
  ])('of steps of %d needs %i decimals', (step, decimals) => {
    expect(decimalsOf(step)).toBe(decimals)
  })

  it.each([
    [backlog, [12_300_000, 12_350_000, 12_400_000], 50_000],
    [backlog, [0, 500_000, 1_000_000], 500_000],
    [backlog, [-250, 0, 250], 250],
    [uptime, [0.999, 0.99925, 0.9995], 0.00025],
    [uptime, [0.5, 0.75, 1], 0.25],
  ])('tells its ticks apart', (detail, ticks, step) => {
    const texts = ticks.map((tick) => valueText(detail)(tick, step))
    expect(new Set(texts).size).toBe(ticks.length)
  })

  it('has the digits that it needs and no more', () => {
    expect(valueText(backlog)(12_350_000, 50_000)).toBe('£12.35M')
    expect(valueText(backlog)(500_000, 500_000)).toBe('£500k')
    expect(valueText(backlog)(-999_950, 50)).toBe('\u2212£999.95k')
    expect(valueText(backlog)(10.5, 0.5)).toBe('£10.5')
    expect(valueText(backlog)(0, 250_000)).toBe('£0')
    expect(valueText(backlog)(1_000_000, 500_000)).toBe('£1M')
    expect(valueText(uptime)(0.99925, 0.00025).replace('\u202f', ' ')).toBe('99.925 %')
    expect(valueText(uptime)(0.75, 0.25).replace('\u202f', ' ')).toBe('75 %')
  })
})
