/** Backlog's book-keeping: opening + booked - recognized - cancelled = closing. Pure. */
import type { KpiDetail } from '@/api/types'

type Amounts = Readonly<Record<string, number | null>>

export interface RollForward {
  opening: number | null
  booked: number | null
  recognized: number | null
  cancelled: number | null
  closing: number | null
}

/** `difference` is closing minus what the movements lead to; half a penny is rounding. */
export type Check =
  | { verdict: 'holds' }
  | { verdict: 'differs'; difference: number }
  | { verdict: 'unknown'; missing: string[] }

const ROUNDING = 0.005
const NAMES = ['opening', 'booked', 'recognized', 'cancelled', 'closing'] as const

export function rollForwardOf(amounts: Amounts): RollForward {
  const [opening, booked, recognized, cancelled, closing] = NAMES.map(
    (name) => amounts[name] ?? null,
  )
  return {
    opening: opening ?? null,
    booked: booked ?? null,
    recognized: recognized ?? null,
    cancelled: cancelled ?? null,
    closing: closing ?? null,
  }
}

/** The whole window's movements, from the inputs of the formula. */
export function windowRollForward(detail: KpiDetail): RollForward {
  return rollForwardOf(
    Object.fromEntries(detail.formula.inputs.map(({ name, value }) => [name, value])),
  )
}

export function checked(roll: RollForward): Check {
  const { opening, booked, recognized, cancelled, closing } = roll
  if (
    opening === null ||
    booked === null ||
    recognized === null ||
    cancelled === null ||
    closing === null
  ) {
    return { verdict: 'unknown', missing: NAMES.filter((name) => roll[name] === null) }
  }
  const difference = closing - (opening + booked - recognized - cancelled)
  return Math.abs(difference) <= ROUNDING
    ? { verdict: 'holds' }
    : { verdict: 'differs', difference }
}
