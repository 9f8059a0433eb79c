import { describe, expect, it } from 'vitest'
import { kpis } from '@/testing/fixtures'
import { changeText, currencyOf, kpiText, relativeText, worstKpi } from './kpi'

const named = (key: string) => {
  const found = kpis.find((kpi) => kpi.key === key)
  if (found === undefined) throw new Error(key)
  return found
}
const plain = (text: string | null) => text?.replaceAll(/\s/g, ' ')

describe('a KPI for people', () => {
  it('reads in its own unit', () => {
    expect(kpiText(named('revenue'), 41_235_900.5)).toBe('£41.2M')
    expect(plain(kpiText(named('gm'), 0.6132))).toBe('61.3 %')
    expect(plain(kpiText(named('uptime'), 0.99958))).toBe('99.96 %')
    expect(plain(kpiText(named('coverage_months'), 2.21))).toBe('2.2 mo')
    expect(kpiText(named('book_to_bill'), 1.083)).toBe('1.08x')
  })

  it('changes in points when it is a rate, and has no percentage beside them', () => {
    expect(plain(changeText(named('gm')))).toBe('−2.2 pp')
    expect(relativeText(named('gm'))).toBeNull()
  })

  it('changes in money with its percentage', () => {
    expect(changeText(named('revenue'))).toBe('+£3.45M')
    expect(plain(relativeText(named('revenue')) ?? '')).toBe('+9.1 %')
  })

  it('has no change without an earlier value', () => {
    expect(changeText(named('forecast'))).toBeNull()
  })

  it('takes the currency from a KPI that is money, not from months', () => {
    expect(currencyOf([named('payback'), named('revenue')])).toBe('£')
    expect(currencyOf([named('payback')])).toBe('')
  })
})

describe('the KPI to explain first', () => {
  it('is the one that asks for action', () => {
    expect(worstKpi([named('nrr'), named('gm'), named('backlog')])).toBe('backlog')
  })

  it('is the first of equals', () => {
    expect(worstKpi([named('uptime'), named('gm')])).toBe('uptime')
  })

  it('is revenue when nothing has a status', () => {
    expect(worstKpi([named('payback'), named('forecast')])).toBe('revenue')
  })

  it('is none that has no value', () => {
    expect(worstKpi([{ ...named('backlog'), value: null }, named('gm')])).toBe('gm')
  })
})
