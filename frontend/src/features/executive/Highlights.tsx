import type { Kpi, KpiKey } from '@/api/types'
import { Change } from '@/components/Change'
import { StatusBadge } from '@/components/StatusBadge'
import { formatPeriod, percentage } from '@/lib/format'
import { changeText, kpiText } from '@/lib/kpi'
import { MISSING, NO_DELTA } from '@/lib/reasons'
import { InspectButton, PageLink } from './KpiWays'
import styles from './Highlights.module.css'
import { Warnings } from './Warnings'

const METHODS = { pipeline: 'from the pipeline', trend: 'from the trend' }

/** What a forecast stands on: its period, its method, its interval. */
function forecastNote(kpi: Kpi): string {
  const horizon = kpi.horizon === undefined ? '' : `for ${formatPeriod(kpi.horizon)} `
  const method = kpi.method === undefined ? '' : METHODS[kpi.method]
  return `${horizon}${method}`.trim()
}

function intervalNote(kpi: Kpi): string | null {
  if (kpi.interval === undefined) return null
  const { low, high, level } = kpi.interval
  return `${kpiText(kpi, low)} to ${kpiText(kpi, high)} (${percentage(level, 0)})`
}

function Note({ kpi }: { kpi: Kpi }) {
  if (kpi.value === null) return <span>{MISSING[kpi.reason ?? 'no_data']}</span>
  if (kpi.key === 'forecast') {
    return (
      <>
        <span>{forecastNote(kpi)}</span>
        <span>{intervalNote(kpi)}</span>
      </>
    )
  }
  const change = changeText(kpi)
  if (change === null || kpi.direction === null) {
    return <span>{kpi.deltaReason === undefined ? '' : NO_DELTA[kpi.deltaReason]}</span>
  }
  return <Change text={change} direction={kpi.direction} goodDirection={kpi.goodDirection} />
}

function Highlight({ kpi, onInspect }: { kpi: Kpi; onInspect: (key: KpiKey) => void }) {
  return (
    <li className={styles.item}>
      <h3 className={styles.label}>
        <InspectButton
          metric={kpi.key}
          label={kpi.label}
          definition={kpi.definition}
          onInspect={onInspect}
        />
      </h3>
      <span className={styles.status}>
        <Warnings kpi={kpi} />
        {kpi.status !== undefined && <StatusBadge status={kpi.status} />}
        <PageLink label={kpi.label} drilldown={kpi.drilldown} />
      </span>
      <p className={styles.value} data-missing={kpi.value === null}>
        {kpi.value === null ? 'No data' : kpiText(kpi, kpi.value)}
      </p>
      <p className={styles.note}>
        <Note kpi={kpi} />
        {kpi.target !== undefined && <span>Target {kpiText(kpi, kpi.target)}</span>}
      </p>
    </li>
  )
}

interface Props {
  kpis: readonly Kpi[]
  onInspect: (key: KpiKey) => void
}

/** The four numbers that round off the six. */
export function Highlights({ kpis, onInspect }: Props) {
  return (
    <ul className={styles.strip}>
      {kpis.map((kpi) => (
        <Highlight key={kpi.key} kpi={kpi} onInspect={onInspect} />
      ))}
    </ul>
  )
}
