import type { Risk } from '@/api/types'

const CLOSED = /^(closed|done|resolved|mitigated|accepted)$/i

/** Due before `today` (`YYYY-MM-DD`) and not closed. */
export function isOverdue(risk: Risk, today: string): boolean {
  return risk.due < today && !CLOSED.test(risk.status)
}

/** The overdue first, then by due date. */
export function byUrgency(risks: readonly Risk[], today: string): Risk[] {
  return risks.toSorted(
    (a, b) =>
      Number(isOverdue(b, today)) - Number(isOverdue(a, today)) || a.due.localeCompare(b.due),
  )
}
