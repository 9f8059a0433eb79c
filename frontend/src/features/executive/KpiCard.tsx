import type { Kpi, KpiKey } from '@/api/types'
import { Change } from '@/components/Change'
import { Sparkline } from '@/components/chart'
import { StatusBadge } from '@/components/StatusBadge'
import { changeText, kpiText, relativeText } from '@/lib/kpi'
import { MISSING, NO_DELTA } from '@/lib/reasons'
import { reportUse } from '@/telemetry'
import { InspectButton, PageLink } from './KpiWays'
import styles from './KpiCard.module.css'
import { Warnings } from './Warnings'

interface Props {
  kpi: Kpi
  /** The running month so far, where the KPI has one. */
  running: number | null
  focused: boolean
  onFocus: (key: KpiKey) => void
  /** Show the definition with its inputs and rows. */
  onInspect: (key: KpiKey) => void
}

function Delta({ kpi }: { kpi: Kpi }) {
  const change = changeText(kpi)
  if (change === null || kpi.direction === null) {
    return <span>{kpi.deltaReason === undefined ? '' : NO_DELTA[kpi.deltaReason]}</span>
  }
  const relative = relativeText(kpi)
  return (
    <>
      <Change text={change} direction={kpi.direction} goodDirection={kpi.goodDirection} />
      {relative !== null && <span>{relative}</span>}
    </>
  )
}

/** One of the six numbers: how much, against what, is that good. */
export function KpiCard({ kpi, running, focused, onFocus, onInspect }: Props) {
  return (
    <article className={styles.card} data-status={kpi.status}>
      <header className={styles.header}>
        <h3 className={styles.label}>
          <InspectButton
            metric={kpi.key}
            label={kpi.label}
            definition={kpi.definition}
            onInspect={onInspect}
          />
        </h3>
        <Warnings kpi={kpi} />
        {kpi.status !== undefined && <StatusBadge status={kpi.status} />}
      </header>
      <p className={styles.value} data-missing={kpi.value === null}>
        {kpi.value === null ? 'No data' : kpiText(kpi, kpi.value)}
      </p>
      <p className={styles.delta}>
        {kpi.value === null ? <span>{MISSING[kpi.reason ?? 'no_data']}</span> : <Delta kpi={kpi} />}
      </p>
      <div className={styles.spark}>
        <Sparkline
          values={kpi.sparkline}
          label={`${kpi.label}, last ${kpi.sparkline.length} periods`}
          formatValue={(value) => kpiText(kpi, value)}
          running={running}
        />
      </div>
      <footer className={styles.footer}>
        <span>{kpi.target === undefined ? 'No target' : `Target ${kpiText(kpi, kpi.target)}`}</span>
        <span className={styles.ways}>
          <button
            type="button"
            className={styles.why}
            aria-pressed={focused}
            aria-label={`Why: ${kpi.label}`}
            onClick={() => {
              onFocus(kpi.key)
              reportUse('why', kpi.key)
            }}
          >
            Why?
          </button>
          <PageLink label={kpi.label} drilldown={kpi.drilldown} />
        </span>
      </footer>
    </article>
  )
}
