import { describe, expect, it } from 'vitest'
import { dotsPath, fraction, linePath, lonely, niceScale, percent, present } from './scale'

describe('niceScale', () => {
  it.each([
    ['starts bars at zero', [3, 7, 9.5], { min: 0, max: 10 }],
    ['reaches below zero for credit notes', [-4, 10], { min: -5, max: 10 }],
    ['gives a single value room', [100], { min: 0, max: 100 }],
    ['gives zeros an axis', [0, 0], { min: 0, max: 1 }],
    ['ignores what is missing', [null, 40, null], { min: 0, max: 40 }],
  ])('%s', (_name, values, expected) => {
    const { min, max } = niceScale(values)
    expect({ min, max }).toEqual(expected)
  })

  it('hugs the values of a line that needs no zero', () => {
    const { min, max } = niceScale([0.991, 0.999], { zero: false })
    expect(min).toBeGreaterThan(0.98)
    expect(min).toBeLessThanOrEqual(0.991)
    expect(max).toBeGreaterThanOrEqual(0.999)
    expect(max).toBeLessThan(1.01)
  })

  it('has no ticks where nothing is known', () => {
    expect(niceScale([null, null]).ticks).toEqual([])
  })

  it('holds every value between its ends, at any magnitude', () => {
    for (let power = -6; power < 13; power += 1) {
      for (const mantissa of [1, 1.1, 2.4, 3.3, 4.999, 7.7, 9.99]) {
        const value = mantissa * 10 ** power
        const { min, max, ticks } = niceScale([value, -value / 3])
        expect(min).toBeLessThanOrEqual(-value / 3)
        expect(max).toBeGreaterThanOrEqual(value)
        expect(ticks.length).toBeLessThanOrEqual(7)
      }
    }
  })

  it('counts its ticks instead of adding them up', () => {
    expect(niceScale([0.4]).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4])
  })
})

describe('missing points', () => {
  it('are not numbers', () => {
    expect(present([1, null, Number.NaN, 0])).toEqual([1, 0])
  })

  it('break the line instead of being bridged', () => {
    const at = (x: number) => ({ x, y: 0.5 })
    expect(linePath([at(0), at(0.25), null, at(0.75), at(1)])).toBe('M0 50L25 50M75 50L100 50')
    expect(linePath([null, at(0.5), null])).toBe('')
    expect(linePath([])).toBe('')
  })

  it('make a dot of what stands between them', () => {
    expect(dotsPath([{ x: 0.5, y: 1 / 3 }])).toBe('M50 33.33h.01')
    expect(dotsPath([])).toBe('')
  })

  it('leave a point between two gaps alone', () => {
    expect(lonely([1, null, 3, null, 5, 6])).toEqual([1, 3])
  })
})

it("places values between the scale's ends", () => {
  expect(fraction({ min: -5, max: 15, ticks: [] }, 0)).toBe(0.25)
  expect(percent(1 / 3)).toBe('33.333%')
})
