/** How objectives read: their promise, their verdict, their budget. */
import type { Objective } from './types'
import { atMost, count, exactNumber, percentage } from '@/lib/format'

type Threshold = Objective['threshold']
export type Verdict = Objective['verdict']

const LONG_MS = 10_000

/** A measured value in its unit: `240 ms`, `25 s`, `2 clicks`. 299.99 ms is not shown as 300. */
export function measure(value: number, unit: string): string {
  if (unit === 'ms') {
    if (value >= LONG_MS) return `${atMost(1, value / 1000)} s`
    return `${count(Math.floor(value))} ms`
  }
  if (unit === 'clicks') return `${atMost(1, value)} ${value === 1 ? 'click' : 'clicks'}`
  if (unit === 'status') return `status ${count(value)}`
  return unit === '' ? count(value) : `${atMost(2, value)} ${unit}`
}

const COMPARED = { lt: 'under', lte: 'at most', gt: 'over', gte: 'at least' }

/** What makes an event good: `under 300 ms`, `25 s to 35 s`; null when a count has no threshold. */
export function limitText({ op, value, low, high, unit }: Threshold): string | null {
  if (low !== undefined && high !== undefined)
    return `${measure(low, unit)} to ${measure(high, unit)}`
  if (op === undefined || op === 'band' || value === undefined) return null
  if (unit === 'status') return `status ${COMPARED[op]} ${count(value)}`
  return `${COMPARED[op]} ${measure(value, unit)}`
}

/** A target without needless digits: `95 %`, `99.9 %`. */
export function targetText(target: number): string {
  const percent = Number((target * 100).toFixed(6))
  return percentage(target, String(percent).split('.')[1]?.length ?? 0)
}

/** The promise: `At least 95 % in under 300 ms`. */
export function promiseText({ target, threshold }: Objective): string {
  const limit = limitText(threshold)
  const share = `At least ${targetText(target)}`
  if (limit === null) return `${share} good`
  if (threshold.low !== undefined) return `${share} within ${limit}`
  return threshold.unit === 'status' ? `${share} with a ${limit}` : `${share} in ${limit}`
}

/** A status code has an order but no meaningful percentile. */
export function hasPercentile({ threshold }: Objective): boolean {
  return threshold.unit !== 'status'
}

/** A ratio with the digits that its target needs to be told apart: never rounded up to 100 %. */
export function ratioText(ratio: number, target: number): string {
  return percentage(ratio, target > 0.99 ? 3 : 2)
}

export const VERDICTS: Record<Verdict, { word: string; tone: 'good' | 'act' | 'none' }> = {
  pass: { word: 'Pass', tone: 'good' },
  fail: { word: 'Fail', tone: 'act' },
  insufficient_data: { word: 'Insufficient data', tone: 'none' },
  not_applicable: { word: 'Not applicable', tone: 'none' },
}

/** What is left of the error budget in words; below zero it is overspent. */
export function budgetText(remaining: number): string {
  if (remaining < 0) return `Overspent by ${percentage(-remaining, 0)}`
  return `${percentage(remaining, 0)} left`
}

export function burnText(burn: number | null): string {
  if (burn === null) return '–'
  if (burn === 0) return '0×'
  return burn < 0.05
    ? `< ${exactNumber('0.1')}×`
    : `${exactNumber(burn.toFixed(burn < 10 ? 1 : 0))}×`
}

/** How many events are still missing for a verdict, in words. */
export function missingEventsText({ total, minimum_events: minimum }: Objective): string {
  if (total === 0) return `No events in this window; ${count(minimum)} are needed for a verdict`
  return `${count(total)} of the ${count(minimum)} events that a verdict needs`
}

export const WINDOWS = [1, 7, 28, 30] as const
export type WindowDays = (typeof WINDOWS)[number]
const DEFAULT_DAYS: WindowDays = 7

/** The window of the URL (`28d`); 7 days when it is none of those offered. */
export function windowFrom(text: string | null): WindowDays {
  return WINDOWS.find((days) => `${days}d` === text) ?? DEFAULT_DAYS
}
