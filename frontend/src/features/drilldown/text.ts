/** How a drill-down's numbers read. */
import type { Drivers, KpiDetail } from '@/api/types'
import type { Format } from '@/components/chart'
import {
  compactMoney,
  count,
  exactMoney,
  formatChange,
  formatValue,
  months,
  multiple,
  percentage,
  type ValueKind,
} from '@/lib/format'
import { digitsOf, kindOf } from '@/lib/kpi'
import { MISSING, NO_DELTA } from '@/lib/reasons'

export type InputUnit = KpiDetail['formula']['inputs'][number]['unit']

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
  return `${prefix}${Number(scaled.toFixed(decimalsOf(step / 1000 ** power)))}${unit}`
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

/** A duration in its two largest units: `3 d 4 h`, `12 min 30 s`. */
export function durationText(seconds: number): string {
  const sign = seconds < 0 ? '\u2212' : ''
  const whole = Math.round(Math.abs(seconds))
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([size]) => size > 0)
  if (first === -1) return '0 s'
  const shown = parts.slice(first, first + 2).filter(([size]) => size > 0)
  return sign + shown.map(([size, unit]) => `${count(size)} ${unit}`).join(' ')
}

/** One input of a formula in its own unit, unshortened. */
export function inputText(value: number, unit: InputUnit, currency: string): string {
  switch (unit) {
    case 'money':
      return exactMoney(value, { currency })
    case 'ratio':
      return percentage(value, 2)
    case 'months':
      return months(value)
    case 'x':
      return multiple(value)
    case 'seconds':
      return durationText(value)
    case 'count':
      return count(value)
  }
}

/** A name of the API for people: `new_mrr` is `New MRR`. */
export function words(name: string): string {
  const spaced = name
    .replaceAll('_', ' ')
    .replace(/\b(arr|cac|cogs|id|mrr|nrr)\b/g, (short) => short.toUpperCase())
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** The same in the middle of a sentence. */
export function wordsWithin(name: string): string {
  const text = words(name)
  return /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1)
}

/** Why something is missing; a code that is not known is shown rather than hidden. */
export function reasonText(code: string): string {
  const known: Record<string, string> = { ...MISSING, ...NO_DELTA }
  return known[code] ?? words(code)
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
