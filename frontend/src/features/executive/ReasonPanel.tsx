import { useQuery, useQueryClient } from '@tanstack/react-query'
import { memo, useEffect, useState } from 'react'
import { prefetchInTurn } from '@/api/prefetch'
import { driversQuery } from '@/api/queries'
import type { Drivers, Kpi, KpiKey } from '@/api/types'
import { Card } from '@/components/Card'
import { Choice } from '@/components/Choice'
import { Contributions } from '@/components/Contributions'
import { OpenableContributions } from '@/components/OpenableContributions'
import { Notice } from '@/components/Notice'
import { Select } from '@/components/Select'
import { Skeleton } from '@/components/Skeleton'
import { elementsIn } from '@/lib/elements'
import { count, formatChange, formatMonth } from '@/lib/format'
import { useIsKiosk } from '@/lib/kiosk'
import { digitsOf, kindOf } from '@/lib/kpi'
import { driversSentence } from '@/lib/sentences'
import { welcomeEffect } from '@/lib/welcome'
import { neighbours, type View } from '@/lib/view'
import { reportUse } from '@/telemetry'
import styles from './ReasonPanel.module.css'

const SHOWN = 6

interface Props {
  kpis: readonly Kpi[]
  focus: Kpi
  view: View
  currency: string
  onFocus: (key: KpiKey) => void
}

function FocusSelect({ kpis, focus, onFocus }: Pick<Props, 'kpis' | 'focus' | 'onFocus'>) {
  return (
    <Select
      className={styles.select}
      aria-label="KPI to explain"
      options={kpis.map(({ key, label }) => ({ value: key, label }))}
      value={focus.key}
      onChange={(key) => {
        const chosen = kpis.find((kpi) => kpi.key === key)
        if (chosen === undefined) return
        onFocus(chosen.key)
        reportUse('why', chosen.key)
      }}
    />
  )
}

type BridgeProps = Pick<Props, 'focus' | 'view' | 'currency'> & {
  drivers: Drivers
  onBy: (by: string) => void
}

function Bridge({ drivers, focus, view, currency, onBy }: BridgeProps) {
  const isKiosk = useIsKiosk()
  const shown = drivers.contributions.slice(0, SHOWN)
  const rest = drivers.contributions.slice(SHOWN)
  const others = rest.reduce((sum, item) => sum + item.effect, 0)
  const format = (effect: number) =>
    formatChange(effect, kindOf(drivers.unit), { currency, digits: digitsOf(focus.key) })
  const goodDirection = welcomeEffect(drivers, focus.goodDirection)
  return (
    <>
      {isKiosk ? (
        <Contributions items={shown} format={format} goodDirection={goodDirection} />
      ) : (
        <OpenableContributions
          key={`${drivers.metric} ${drivers.by}`}
          drivers={drivers}
          items={shown}
          view={view}
          format={format}
          goodDirection={goodDirection}
          onOpen={() => reportUse('drivers_inside', focus.key)}
        />
      )}
      <div className={styles.rest}>
        {!isKiosk && (
          <Choice label="By" options={drivers.dimensions} value={drivers.by} onChange={onBy} />
        )}
        <span>
          {rest.length > 0 && `${count(elementsIn(rest))} more: ${format(others)}; `}
          residual {format(drivers.residual ?? 0)}
          {drivers.offsetting && '; effects offset each other'}
        </span>
      </div>
    </>
  )
}

/** Once the reader has an answer: what a switch of the window will ask for. */
function useNeighbours(key: KpiKey, view: View, answered: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!answered) return undefined
    return prefetchInTurn(
      neighbours(view).map((other) => () => client.query(driversQuery(key, other))),
    )
  }, [client, key, view, answered])
}

/** Beside cards that are held against their targets the reasons are of another comparison. */
function windowsNote({ comparison, timeframe }: Drivers): string | null {
  if (comparison?.compare !== 'ytd_target') return null
  const span = (window: { start_date: string; end_date: string }) =>
    `${formatMonth(window.start_date)} – ${formatMonth(window.end_date)}`
  return ` Compared: ${span(timeframe)} with ${span(comparison)}, not with the target.`
}

/** Why the KPI in focus moved: one sentence, then what contributed most. */
export const ReasonPanel = memo(function ReasonPanel({
  kpis,
  focus,
  view,
  currency,
  onFocus,
}: Props) {
  const [chosen, setChosen] = useState<{ key: KpiKey; by: string } | null>(null)
  const by = chosen?.key === focus.key ? chosen.by : null
  const drivers = useQuery(driversQuery(focus.key, view, by))
  useNeighbours(focus.key, view, drivers.isSuccess && !drivers.isPlaceholderData)
  const current = drivers.data?.metric === focus.key ? drivers.data : undefined
  return (
    <Card
      title="What moved it"
      className={styles.panel}
      aside={<FocusSelect kpis={kpis} focus={focus} onFocus={onFocus} />}
    >
      <div className={styles.body} aria-busy={drivers.isPlaceholderData}>
        {current !== undefined && (
          <>
            <p className={styles.sentence}>
              {driversSentence(current)}
              {windowsNote(current)}
            </p>
            {current.contributions.length > 0 && (
              <Bridge
                drivers={current}
                focus={focus}
                view={view}
                currency={currency}
                onBy={(next) => {
                  setChosen({ key: focus.key, by: next })
                  reportUse('drivers_by', focus.key)
                }}
              />
            )}
          </>
        )}
        {current === undefined && drivers.isFetching && <Skeleton className={styles.waiting} />}
        {current === undefined && drivers.isError && !drivers.isFetching && (
          <Notice title="The drivers cannot be shown" onRetry={() => void drivers.refetch()}>
            <p>{drivers.error.message}</p>
          </Notice>
        )}
      </div>
    </Card>
  )
})
