import type { Card, Kpi, KpiKey, Status } from '@/api/types'
import { formatChange, formatValue, percentage, type ValueKind } from './format'

export const CARD_KEYS: readonly KpiKey[] = ['backlog', 'uptime', 'nrr', 'gm', 'payback', 'revenue']
export const HIGHLIGHT_KEYS: readonly KpiKey[] = [
  'book_to_bill',
  'coverage_months',
  'arr',
  'forecast',
]

/** What kind of number a unit of change belongs to: points are differences of ratios. */
export function kindOf(unit: Kpi['deltaUnit']): ValueKind {
  return unit === 'pp' ? 'ratio' : unit
}

/** Digits of a percentage: uptime lives in its second one. */
export function digitsOf(key: string): number {
  return key === 'uptime' ? 2 : 1
}

/** The reporting currency's sign, from any KPI that is money. */
export function currencyOf(kpis: readonly Kpi[]): string {
  return kpis.find((kpi) => kpi.deltaUnit === 'money')?.unit ?? ''
}

function options(kpi: Card) {
  return {
    currency: kpi.deltaUnit === 'money' ? (kpi.unit ?? '') : '',
    digits: digitsOf(kpi.key),
  }
}

/** Formats any number that is in a KPI's own unit: its value, target, sparkline. */
export function kpiText(kpi: Card, value: number): string {
  return formatValue(value, kindOf(kpi.deltaUnit), options(kpi))
}

/** The change in the KPI's unit; null when there is nothing to compare with. */
export function changeText(kpi: Card): string | null {
  if (kpi.deltaAbs === null) return null
  return formatChange(kpi.deltaAbs, kindOf(kpi.deltaUnit), options(kpi))
}

/** The fractional change, where a percentage does not mislead: not for rates. */
export function relativeText(kpi: Card): string | null {
  if (kpi.delta === null || kpi.deltaUnit === 'pp') return null
  return percentage(kpi.delta, 1, true)
}

const URGENCY: Record<Status, number> = { act: 0, watch: 1, good: 2 }

/** The KPI that most needs an explanation; the first of them, or revenue when none has a status. */
export function worstKpi(kpis: readonly Kpi[]): KpiKey {
  const judged = kpis.filter((kpi) => kpi.status !== undefined && kpi.value !== null)
  const [worst] = judged.toSorted((a, b) => urgency(a) - urgency(b))
  return worst?.key ?? 'revenue'
}

function urgency(kpi: Kpi): number {
  return kpi.status === undefined ? 3 : URGENCY[kpi.status]
}
