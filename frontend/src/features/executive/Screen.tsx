import { lazy, Suspense, useMemo, useState, type ComponentProps, type ReactNode } from 'react'
import type { Dashboard, Kpi, KpiKey } from '@/api/types'
import head from '@/components/Head.module.css'
import { CARD_KEYS, currencyOf, HIGHLIGHT_KEYS, worstKpi } from '@/lib/kpi'
import { useSettled } from '@/lib/useSettled'
import { useParam } from '@/lib/useView'
import type { Compare, View } from '@/lib/view'
import { ComparisonChoice, comparisonText } from './ComparisonChoice'
import { Highlights } from './Highlights'
import { KpiCard } from './KpiCard'
import { ReasonPanel } from './ReasonPanel'
import { RiskPanel } from './RiskPanel'
import styles from './Screen.module.css'
import { TrendPanel } from './TrendPanel'

interface Props {
  dashboard: Dashboard
  view: View
  /** The numbers of the chosen view are still on their way. */
  busy: boolean
  action: ReactNode
  onCompare: (compare: Compare) => void
}

function pick(kpis: readonly Kpi[], keys: readonly KpiKey[]): Kpi[] {
  return keys.flatMap((key) => kpis.find((kpi) => kpi.key === key) ?? [])
}

/** What has happened of a KPI in the running month; only money that trends with it has that. */
function runningOf({ running }: Dashboard, key: KpiKey): number | null {
  if (key === 'revenue') return running?.recognized ?? null
  return key === 'backlog' ? (running?.backlog ?? null) : null
}

const Inspector = lazy(() => import('./Inspector'))

type ReasonProps = Pick<
  ComponentProps<typeof ReasonPanel>,
  'kpis' | 'view' | 'currency' | 'onFocus'
> & {
  focusKey: KpiKey
}

/** A switch shows the numbers and the trend first; why they moved follows in the next frames. */
function Reason({ kpis, focusKey, view, ...rest }: ReasonProps) {
  const explained = useSettled(useMemo(() => ({ kpis, view }), [kpis, view]))
  const focus = explained.kpis.find((kpi) => kpi.key === focusKey)
  return focus && <ReasonPanel {...explained} focus={focus} {...rest} />
}

/** Now, Reason and Action, side by side where there is room. */
export function Screen({ dashboard, view, busy, action, onCompare }: Props) {
  const { executiveKpis: kpis, revenueTrend, running, risks, freshness } = dashboard
  const [asked, setAsked] = useParam('why')
  const [inspectedKey, setInspected] = useState<KpiKey | null>(null)
  const inspected = kpis.find((kpi) => kpi.key === inspectedKey)
  const focusKey = kpis.find((kpi) => kpi.key === asked)?.key ?? worstKpi(kpis)
  const currency = currencyOf(kpis)
  const byMonth = view.granularity === 'month'
  return (
    <div className={styles.screen} aria-busy={busy}>
      <section className={styles.now} aria-labelledby="now">
        <div className={head.head}>
          <h2 id="now" className={styles.zone}>
            Now <span>{comparisonText(view)}</span>
          </h2>
          <ComparisonChoice view={view} onChange={onCompare} />
        </div>
        <div className={styles.cards}>
          {pick(kpis, CARD_KEYS).map((kpi) => (
            <KpiCard
              key={kpi.key}
              kpi={kpi}
              running={byMonth ? runningOf(dashboard, kpi.key) : null}
              focused={kpi.key === focusKey}
              onFocus={setAsked}
              onInspect={setInspected}
            />
          ))}
        </div>
        <Highlights kpis={pick(kpis, HIGHLIGHT_KEYS)} onInspect={setInspected} />
      </section>
      <section className={styles.trend} aria-labelledby="trend">
        <h2 id="trend" className={styles.zone}>
          Trend
        </h2>
        <TrendPanel view={view} points={revenueTrend} running={running} currency={currency} />
      </section>
      <section className={styles.reason} aria-labelledby="reason">
        <h2 id="reason" className={styles.zone}>
          Reason
        </h2>
        <Reason
          kpis={kpis}
          focusKey={focusKey}
          view={view}
          currency={currency}
          onFocus={setAsked}
        />
        <RiskPanel risks={risks} today={freshness.today} />
      </section>
      <section className={styles.action} aria-labelledby="action">
        <h2 id="action" className={styles.zone}>
          Action
        </h2>
        {action}
      </section>
      {inspected !== undefined && (
        <Suspense fallback={null}>
          <Inspector
            kpi={inspected}
            view={view}
            onExplain={setAsked}
            onClose={() => setInspected(null)}
          />
        </Suspense>
      )}
    </div>
  )
}
