import { percentage } from './format'
import type { DeltaReason, MissingReason } from '@/api/types'

/** Why a number is missing, in words. */
export const MISSING: Record<MissingReason, string> = {
  no_data: 'Nothing recorded for this window',
  zero_denominator: 'Nothing to divide by',
  not_recovered: 'The cost is not recovered',
  too_little_history: 'Too little history yet',
}

/** Why there is no comparison, in words. */
export const NO_DELTA: Record<DeltaReason, string> = {
  no_previous: 'No earlier window to compare',
  previous_not_positive: 'Earlier value not positive',
  partial_window: 'Window only partly covered',
  not_comparable: 'Looks ahead, no comparison',
  static: 'Configured value',
  no_target: 'No target to compare with',
}

const WARNINGS: Record<string, string> = {
  partial_window: 'Data cover only part of this window',
  short_history: 'Less than six months of history',
  profit_missing: 'Some orders have no profit and are left out',
  unobserved_time: 'Some time was not observed and is left out',
}

/** A warning of the API in words; an unknown one is shown rather than hidden. */
export function warningText(code: string, leftOutShare?: number): string {
  const text = WARNINGS[code] ?? code.replaceAll('_', ' ')
  const names = code === 'profit_missing' || code === 'unobserved_time'
  return names && leftOutShare !== undefined ? `${text}: ${percentage(leftOutShare)}` : text
}
