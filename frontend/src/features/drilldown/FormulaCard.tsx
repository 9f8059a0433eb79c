import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Formula } from '@/components/Formula'

/** What the number means, and the arithmetic that led to it. */
export function FormulaCard({ detail }: { detail: KpiDetail }) {
  return (
    <Card title="Definition and formula" headingLevel={2}>
      <Formula detail={detail} />
    </Card>
  )
}
