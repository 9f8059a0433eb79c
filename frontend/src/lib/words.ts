/** Names and inputs of the API in words. */
import type { KpiDetail } from '@/api/types'
import { count, exactMoney, months, multiple, percentage } from './format'
import { MISSING, NO_DELTA } from './reasons'

export type InputUnit = KpiDetail['formula']['inputs'][number]['unit']

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

const SPELT: Readonly<Record<string, string>> = {
  gm: 'Gross Margin',
  one_off: 'One-off',
  payback: 'CAC Payback',
  sales_marketing: 'Sales and marketing',
}

/** A name of the API for people: `new_mrr` is `New MRR`. */
export function words(name: string): string {
  const spelt = SPELT[name]
  if (spelt !== undefined) return spelt
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
