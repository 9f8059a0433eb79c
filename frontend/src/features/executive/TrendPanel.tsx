import { useCallback } from 'react'
import type { Running, TrendPoint } from '@/api/types'
import { TrendChart } from '@/components/chart'
import { compactMoney, formatPeriod } from '@/lib/format'
import styles from './TrendPanel.module.css'

interface Props {
  points: readonly TrendPoint[]
  running: Running | null
  currency: string
}

/** Recognized, booked and backlog by period: a light drawing first, the chart library later. */
export function TrendPanel({ points, running, currency }: Props) {
  const formatMoney = useCallback((value: number) => compactMoney(value, { currency }), [currency])
  return (
    <TrendChart
      rows={points}
      running={running}
      formatValue={formatMoney}
      formatPeriod={formatPeriod}
      height="100%"
      className={styles.panel}
      headingLevel={3}
    />
  )
}
