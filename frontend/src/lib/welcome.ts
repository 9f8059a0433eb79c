import type { Drivers } from '@/api/types'

type Direction = 'up' | 'down'

/** Stocks: what comes into one and leaves it is no better or worse by itself. */
const STOCKS = ['backlog', 'pipeline']

/**
 * The sign of an effect that is welcome; null where none is. A deal that is won leaves the
 * pipeline, and what is booked makes the backlog grow: neither is bad news.
 */
export function welcomeEffect(drivers: Drivers, goodDirection: Direction): Direction | null {
  if (drivers.before === null) return null
  return STOCKS.includes(drivers.metric) && drivers.by === 'movement' ? null : goodDirection
}
