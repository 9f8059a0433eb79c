import type { Column } from '@/components/SortableTable'
import { count } from '@/lib/format'
import { hasPercentile, measure, ratioText } from './text'
import type { Objective } from './types'
import { VerdictBadge } from './VerdictBadge'

/** What was counted over some window, release or other part. */
interface Counted {
  verdict: Objective['verdict']
  good: number
  total: number
  p95: number | null
}

/** How an objective fared, part by part: the columns that all of its tables have. */
export function countColumns<Part extends Counted>(objective: Objective): Column<Part>[] {
  const ratio = ({ good, total }: Counted) => (total === 0 ? null : good / total)
  const { unit } = objective.threshold
  const p95: Column<Part> = {
    name: unit === '' ? 'P95' : `P95 (${unit})`,
    numeric: true,
    sortBy: (part) => part.p95,
    cell: (part) => (part.p95 === null ? '–' : measure(part.p95, unit)),
  }
  return [
    {
      name: 'Verdict',
      sortBy: ({ verdict }) => verdict,
      cell: ({ verdict }) => <VerdictBadge verdict={verdict} />,
    },
    { name: 'Good', numeric: true, sortBy: ({ good }) => good, cell: ({ good }) => count(good) },
    {
      name: 'Total',
      numeric: true,
      sortBy: ({ total }) => total,
      cell: ({ total }) => count(total),
    },
    {
      name: 'Share good',
      numeric: true,
      sortBy: ratio,
      cell: (part) => {
        const share = ratio(part)
        return share === null ? '–' : ratioText(share, objective.target)
      },
    },
    ...(hasPercentile(objective) ? [p95] : []),
  ]
}
