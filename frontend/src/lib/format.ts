/** How numbers, dates and missing values read. Rounding happens here and nowhere earlier. */
import { grouping, separatorsOf, writeNumber } from './separators'

/** `money` in the reporting currency, `ratio` 0-1, `months`, `x` a plain multiple. */
export type ValueKind = 'money' | 'ratio' | 'months' | 'x'

const MINUS = '\u2212'
const THIN = '\u202f'

const separators = separatorsOf(navigator.language)

function fixed(value: number, digits: number): string {
  return writeNumber(value, digits, separators)
}

const SIZES = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** Three significant digits at most: `1.23M`. */
function compact(value: number): string {
  const rounded = Math.abs(Number(value.toPrecision(3)))
  const [size, sign] = SIZES.find(([least]) => rounded >= least) ?? [1, '']
  const shown = rounded / size
  const digits = [0, 1].find((few) => Number(shown.toFixed(few)) === shown) ?? 2
  return fixed(shown, digits) + sign
}

/** The sign of what is shown: a value that rounds to zero has none. */
function signOf(value: number, shown: string, plus: boolean): string {
  if (!/[1-9]/.test(shown)) return ''
  if (value < 0) return MINUS
  return plus ? '+' : ''
}

/** A currency that is a word needs a space, a sign does not. */
function currencyPrefix(currency: string): string {
  return /^[A-Za-z]{2,}$/.test(currency) ? `${currency}\u00a0` : currency
}

interface Options {
  currency?: string
  /** Print a plus before positive numbers. */
  plus?: boolean
}

/** `£1.2M`: three significant digits at most. */
export function compactMoney(value: number, { currency = '', plus = false }: Options = {}): string {
  const small = Math.abs(value) < 1000
  const shown = small ? fixed(value, 0) : compact(value)
  return signOf(value, shown, plus) + currencyPrefix(currency) + shown
}

/** `£1,234,567.89`, for tables and worked formulas. */
export function exactMoney(value: number, { currency = '', plus = false }: Options = {}): string {
  const shown = fixed(value, 2)
  return signOf(value, shown, plus) + currencyPrefix(currency) + shown
}

/** `95.4 %`. A ratio below one is never shown as 100 %. */
export function percentage(ratio: number, digits = 1, plus = false): string {
  const scale = 10 ** digits
  const percent = ratio * 100
  const rounded = Math.round(percent * scale) / scale
  const honest = ratio < 1 && rounded >= 100 ? Math.floor(percent * scale) / scale : rounded
  const shown = fixed(honest, digits)
  return `${signOf(honest, shown, plus)}${shown}${THIN}%`
}

/** A difference of two ratios in percentage points: `−0.5 pp`. */
export function points(difference: number, digits = 1): string {
  const shown = fixed(difference * 100, digits)
  return `${signOf(difference, shown, true)}${shown}${THIN}pp`
}

/** `7.4 mo`; below one month a tenth is too coarse: `0.08 mo`. */
export function months(value: number, plus = false): string {
  const shown = fixed(value, Math.abs(value) < 1 ? 2 : 1)
  return `${signOf(value, shown, plus)}${shown}${THIN}mo`
}

/** `1.08x` */
export function multiple(value: number, plus = false): string {
  const shown = fixed(value, 2)
  return `${signOf(value, shown, plus)}${shown}x`
}

/** Decimal text with the reader's separators, not a digit more or less: `-2093.540`. */
export function exactNumber(text: string): string {
  const [, sign = '', whole = '', part] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  const grouped =
    grouping(whole, separators) + (part === undefined ? '' : separators.decimal + part)
  return (sign === '' ? '' : MINUS) + grouped
}

/** At most so many digits after the separator, and none that is a needless zero: `1.5`, `2`. */
export function atMost(digits: number, value: number): string {
  return exactNumber(String(Number(value.toFixed(digits))))
}

/** A whole number with thousands separators. */
export function count(value: number): string {
  return signOf(value, '1', false) + fixed(value, 0)
}

/** A KPI's value for people. Uptime needs two digits to say anything. */
export function formatValue(
  value: number,
  kind: ValueKind,
  { currency = '', digits = 1 }: { currency?: string; digits?: number } = {},
): string {
  switch (kind) {
    case 'money':
      return compactMoney(value, { currency })
    case 'ratio':
      return percentage(value, digits)
    case 'months':
      return months(value)
    case 'x':
      return multiple(value)
  }
}

/** The change of a KPI in its own unit, with its sign; rates in points. */
export function formatChange(
  change: number,
  kind: ValueKind,
  { currency = '', digits = 1 }: { currency?: string; digits?: number } = {},
): string {
  switch (kind) {
    case 'money':
      return compactMoney(change, { currency, plus: true })
    case 'ratio':
      return points(change, digits)
    case 'months':
      return months(change, true)
    case 'x':
      return multiple(change, true)
  }
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `2026-03` is `Mar ’26`, `2026-Q1` is `Q1 ’26`: `Mar 26` would be a day. */
export function formatPeriod(period: string): string {
  const [year = '', part = ''] = period.split('-')
  const name = part.startsWith('Q') ? part : MONTHS[Number(part) - 1]
  return name === undefined ? period : `${name} \u2019${year.slice(2)}`
}

/** The month of a date: `2026-03-07` is `Mar 2026`. */
export function formatMonth(date: string): string {
  return formatDate(`${date.slice(0, 7)}-01`).slice(2)
}

/** `2026-03-07` is `7 Mar 2026`: no time zone may move a date. */
export function formatDate(date: string): string {
  const [year = '', month = '', day = ''] = date.slice(0, 10).split('-')
  const name = MONTHS[Number(month) - 1]
  return name === undefined ? date : `${Number(day)} ${name} ${year}`
}

/** An instant on the reader's own clock: `7 Mar, 14:05`. */
export function formatInstant(instant: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return instant
  const clock = [at.getHours(), at.getMinutes()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''}, ${clock}`
}

/** How long ago: `just now`, `5 min`, `3 h`, `12 d`. */
export function formatAge(from: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - from.getTime()) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}

/** Days from one date to another, both `YYYY-MM-DD`. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000
}
