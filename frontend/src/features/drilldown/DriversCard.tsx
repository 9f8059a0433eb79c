import { useMemo, type ReactNode } from 'react'
import type { Drivers, KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { ChartFigure } from '@/components/chart'
import {
  bridgeOption,
  bridgeScale,
  bridgeSteps,
  bridgeTable,
} from '@/components/chart/options/bridge'
import { Contributions } from '@/components/Contributions'
import { Notice } from '@/components/Notice'
import { Skeleton } from '@/components/Skeleton'
import { Choice } from '@/components/Choice'
import type { Filters } from '@/lib/filters'
import { driversSentence } from '@/lib/sentences'
import type { View } from '@/lib/view'
import { welcomeEffect } from '@/lib/welcome'
import { reportUse } from '@/telemetry'
import styles from './DriversCard.module.css'
import { Opening } from './Opening'
import { bridgeText } from './text'
import type { DriversState } from './useKpiPage'

const TITLE = 'What moved it'

interface Props {
  detail: KpiDetail
  view: View
  filters: Filters
  state: DriversState
  onBy: (by: string) => void
}

interface BridgeProps {
  drivers: Drivers & { before: number; now: number }
  currency: string
  goodDirection: 'up' | 'down' | null
}

function hasBridge(drivers: Drivers): drivers is Drivers & { before: number; now: number } {
  return drivers.before !== null && drivers.now !== null && drivers.contributions.length > 0
}

function Sums({ drivers, currency }: { drivers: Drivers; currency: string }) {
  const { step } = bridgeText(drivers, currency)
  const { positive, negative, residual, offsetting } = drivers
  return (
    <>
      <p className={styles.sentence}>{driversSentence(drivers)}</p>
      <dl className={styles.sums}>
        {positive !== null && (
          <div>
            <dt>Rises</dt>
            <dd>{step(positive)}</dd>
          </div>
        )}
        {negative !== null && (
          <div>
            <dt>Falls</dt>
            <dd>{step(negative)}</dd>
          </div>
        )}
        {residual !== null && (
          <div>
            <dt>Residual</dt>
            <dd>{step(residual)}</dd>
          </div>
        )}
      </dl>
      {offsetting && <p>Large effects offset each other: shares of the change would mislead.</p>}
    </>
  )
}

function useBridge({ drivers, currency, goodDirection }: BridgeProps) {
  return useMemo(() => {
    const { level, step } = bridgeText(drivers, currency)
    const input = {
      before: drivers.before,
      now: drivers.now,
      contributions: drivers.contributions,
      residual: drivers.residual ?? 0,
      goodDirection,
      formatValue: level,
      formatChange: step,
    }
    const steps = bridgeSteps(input)
    const { cut } = bridgeScale(steps)
    return { option: bridgeOption(input), table: bridgeTable(input), rows: steps.length, cut }
  }, [drivers, currency, goodDirection])
}

function Bridge(props: BridgeProps & { choice: ReactNode; opening: ReactNode }) {
  const { drivers, currency, choice, opening } = props
  const { option, table, rows, cut } = useBridge(props)
  return (
    <ChartFigure
      title={TITLE}
      controls={choice}
      option={option}
      table={table}
      label={`From before to now: ${driversSentence(drivers)}`}
      height={`${Math.max(12, 3 + rows * 2)}rem`}
      note={
        <>
          <Sums drivers={drivers} currency={currency} />
          {cut && <p>The axis does not start at zero, so that the changes can be seen.</p>}
          {opening}
        </>
      }
    />
  )
}

function NoBridge({ drivers, currency }: { drivers: Drivers; currency: string }) {
  if (drivers.contributions.length === 0) {
    return <Notice title={drivers.sentence === '' ? 'No bridge' : driversSentence(drivers)} />
  }
  const { level } = bridgeText(drivers, currency)
  return (
    <>
      <Contributions items={drivers.contributions} format={level} goodDirection={null} />
      <div className={styles.note}>
        <p className={styles.sentence}>{driversSentence(drivers)}</p>
      </div>
    </>
  )
}

/** What contributed to the change, ranked, with what stays unexplained. */
export function DriversCard({ detail, view, filters, state, onBy }: Props) {
  const { drivers, error, retry } = state
  if (drivers === undefined) {
    return (
      <Card title={TITLE} headingLevel={2}>
        {error === null ? (
          <Skeleton height="20rem" />
        ) : (
          <Notice title="The drivers cannot be shown" onRetry={retry}>
            <p>{error.message}</p>
          </Notice>
        )}
      </Card>
    )
  }
  const choice = (
    <Choice
      label="Explained by"
      options={drivers.dimensions}
      value={drivers.by}
      onChange={(next) => {
        onBy(next)
        reportUse('drivers_by')
      }}
    />
  )
  const { currency, kpi } = detail
  const goodDirection = welcomeEffect(drivers, kpi.goodDirection)
  const opening =
    Object.keys(filters).length > 0 ? (
      <p>Without filters each contribution can be looked into.</p>
    ) : (
      <Opening
        key={drivers.by}
        drivers={drivers}
        view={view}
        format={bridgeText(drivers, currency).step}
        goodDirection={goodDirection}
      />
    )
  return hasBridge(drivers) ? (
    <Bridge
      drivers={drivers}
      currency={currency}
      goodDirection={goodDirection}
      choice={choice}
      opening={opening}
    />
  ) : (
    <Card title={TITLE} headingLevel={2} aside={choice}>
      <NoBridge drivers={drivers} currency={currency} />
    </Card>
  )
}
