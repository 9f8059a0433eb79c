/** How a drill-down's numbers read. */
import type { Drivers, KpiDetail } from '@/api/types'
import {
  count,
  exactMoney,
  formatChange,
  formatValue,
  months,
  multiple,
  percentage,
} from '@/lib/format'
import { digitsOf, kindOf } from '@/lib/kpi'
import { MISSING, NO_DELTA } from '@/lib/reasons'

export type InputUnit = KpiDetail['formula']['inputs'][number]['unit']

/** A value of the metric for charts and headings: short. */
export function valueText(detail: KpiDetail): (value: number) => string {
  const options = { currency: detail.currency, digits: digitsOf(detail.metric) }
  return (value) => formatValue(value, detail.unit, options)
}

/** A value of the metric for tables: money to the last penny. */
export function exactText(detail: KpiDetail): (value: number) => string {
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

/** A name of the API for people: `up_seconds` is `Up seconds`. */
export function words(name: string): string {
  const spaced = name.replaceAll('_', ' ')
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** Why something is missing; a code that is not known is shown rather than hidden. */
export function reasonText(code: string): string {
  const known: Record<string, string> = { ...MISSING, ...NO_DELTA }
  return known[code] ?? words(code)
}

/** Levels of a bridge, and steps between them, in the drivers' unit. */
export function bridgeText(drivers: Drivers, currency: string) {
  const kind = kindOf(drivers.unit)
  const options = { currency, digits: digitsOf(drivers.metric) }
  return {
    level: (value: number) => formatValue(value, kind, options),
    step: (value: number) => formatChange(value, kind, options),
  }
}
