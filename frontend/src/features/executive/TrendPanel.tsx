import { useCallback, useMemo } from 'react'
import type { Running, TrendPoint } from '@/api/types'
import { Card } from '@/components/Card'
import { TrendChart } from '@/components/chart'
import { Notice } from '@/components/Notice'
import { compactMoney, formatPeriod } from '@/lib/format'
import type { View } from '@/lib/view'
import styles from './TrendPanel.module.css'
import { useAhead } from './useAhead'

interface Props {
  view: View
  points: readonly TrendPoint[]
  running: Running | null
  currency: string
}

function isEmpty({ recognized, booked, backlog }: TrendPoint): boolean {
  return recognized === null && booked === null && backlog === null
}

/** Recognized, booked and backlog by period: a light drawing first, the chart library later. */
export function TrendPanel({ view, points, running, currency }: Props) {
  const formatMoney = useCallback((value: number) => compactMoney(value, { currency }), [currency])
  const next = useAhead(view)
  const ahead = useMemo(() => next && { rows: next.revenueTrend, running: next.running }, [next])
  if (points.every(isEmpty)) {
    return (
      <Card title="Revenue trend" className={styles.panel}>
        <Notice title="No data">
          <p>No order was booked or recognized in this window.</p>
        </Notice>
      </Card>
    )
  }
  return (
    <TrendChart
      rows={points}
      running={running}
      ahead={ahead}
      formatValue={formatMoney}
      formatPeriod={formatPeriod}
      className={styles.panel}
      headingLevel={3}
    />
  )
}
