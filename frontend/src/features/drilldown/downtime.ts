/** What uptime's missing percents are in minutes. Pure; minutes are weighted by importance. */
import type { KpiDetail } from '@/api/types'

export interface ServiceDowntime {
  service: string
  uptime: number | null
  /** Of the weighted observed time, 0-1. */
  share: number | null
  lostMinutes: number | null
  /** Of all minutes lost, 0-1; null when none was lost. */
  lostShare: number | null
}

type Parts = Readonly<Record<string, number | null>>

/** Weighted minutes that were observed and not up; null when either is unknown. */
export function lostMinutes(parts: Parts): number | null {
  const up = parts['up_seconds'] ?? null
  const observed = parts['observed_seconds'] ?? null
  return up === null || observed === null ? null : (observed - up) / 60
}

function windowParts(detail: KpiDetail): Parts {
  return Object.fromEntries(detail.formula.inputs.map(({ name, value }) => [name, value]))
}

/** The window's minutes lost by service, most first. `detail` is uptime broken down by service. */
export function downtimeByService(detail: KpiDetail): ServiceDowntime[] {
  const observed = windowParts(detail)['observed_seconds'] ?? null
  const total = lostMinutes(windowParts(detail))
  return detail.breakdown
    .map(({ name, value, share }) => {
      const known = observed !== null && value !== null && share !== null
      const lost = known ? ((1 - value) * share * observed) / 60 : null
      const lostShare = lost === null || total === null || total <= 0 ? null : lost / total
      return { service: name, uptime: value, share, lostMinutes: lost, lostShare }
    })
    .toSorted((one, other) => (other.lostMinutes ?? -1) - (one.lostMinutes ?? -1))
}
