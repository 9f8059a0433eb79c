/** How a drill-down's numbers read. */
import type { Drivers, KpiDetail } from '@/api/types'
import type { Format } from '@/components/chart'
import {
  atMost,
  compactMoney,
  exactMoney,
  formatChange,
  formatValue,
  type ValueKind,
} from '@/lib/format'
import { digitsOf, kindOf } from '@/lib/kpi'

/** How many decimals tell multiples of `step` apart: 0 for 10, 1 for 0.5, 2 for 0.25. */
export function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 10; decimals += 1) {
    const scaled = step * 10 ** decimals
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals
  }
  return 10
}

const THOUSANDS = ['', 'k', 'M', 'B', 'T']

/** Compact money with enough digits for an axis: `£12.35M` beside `£12.4M`. */
function moneyTick(value: number, step: number, currency: string): string {
  const power = Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3 + 1e-9)
  const unit = THOUSANDS[power]
  if (unit === undefined) return compactMoney(value, { currency })
  const [prefix = ''] = /^\D*/.exec(compactMoney(value, { currency })) ?? []
  const scaled = Math.abs(value) / 1000 ** power
  return `${prefix}${atMost(decimalsOf(step / 1000 ** power), scaled)}${unit}`
}

/** How a value reads in charts and headings: short, but with the digits that an axis needs. */
function shortText(kind: ValueKind, currency: string, usualDigits: number): Format {
  return (value, step) => {
    if (step !== undefined && kind === 'money') return moneyTick(value, step, currency)
    const digits = step === undefined ? usualDigits : decimalsOf(step * 100)
    return formatValue(value, kind, { currency, digits })
  }
}

/** A value of the metric for charts and headings: short. */
export function valueText(detail: KpiDetail): Format {
  return shortText(detail.unit, detail.currency, digitsOf(detail.metric))
}

/** A value of the metric for tables: money to the last penny. */
export function exactText(detail: KpiDetail): Format {
  if (detail.unit !== 'money') return valueText(detail)
  return (value) => exactMoney(value, { currency: detail.currency })
}

/** Levels of a bridge, and steps between them, in the drivers' unit; steps to a finer digit. */
export function bridgeText(drivers: Drivers, currency: string) {
  const kind = kindOf(drivers.unit)
  const digits = digitsOf(drivers.metric)
  return {
    level: shortText(kind, currency, digits),
    step: (value: number) => formatChange(value, kind, { currency, digits: digits + 1 }),
  }
}
