import { useCallback, useState, type ReactNode } from 'react'
import { ApiProblem } from '@/api/problem'
import type { KpiDetail } from '@/api/types'
import head from '@/components/Head.module.css'
import { Notice } from '@/components/Notice'
import { Skeleton } from '@/components/Skeleton'
import { ViewLink } from '@/components/ViewLink'
import { usePageDrawn } from '@/telemetry/usePageDrawn'
import { Breadcrumbs, type Crumb } from './Breadcrumbs'
import { BreakdownCard } from './BreakdownCard'
import { DriversCard } from './DriversCard'
import { FilterChips } from './FilterChips'
import { FormulaCard } from './FormulaCard'
import { Headline } from './Headline'
import styles from './KpiPage.module.css'
import { PageFiles } from './PageFiles'
import { RowsCard } from './RowsCard'
import { words } from '@/lib/words'
import { TrendCard } from './TrendCard'
import { useKpiPage, type KpiPageState } from './useKpiPage'

interface Props {
  metric: string
  /** The page's heading; the metric's own label when absent. */
  title?: string
  /** The steps between the dashboard and this page. */
  trail: readonly Crumb[]
  /** What this page shows that others do not, right under the number. */
  extra?: (detail: KpiDetail) => ReactNode
  /** Instead of the breakdown by a dimension of the reader's choice. */
  breakdown?: (detail: KpiDetail, onFilter: KpiPageState['setFilter']) => ReactNode
}

interface BodyProps {
  state: KpiPageState
  detail: KpiDetail
  extra: Props['extra']
  breakdown: Props['breakdown']
  onDrawn: () => void
}

/** A longer breakdown takes the whole width: beside it the drivers would leave a hole. */
const MOST_BESIDE = 8

function Body({ state, detail, extra, breakdown, onDrawn }: BodyProps) {
  const place = detail.breakdown.length <= MOST_BESIDE ? styles.half : styles.wide
  return (
    <div className={styles.grid} aria-busy={state.detail.isPlaceholderData}>
      <div className={styles.headline}>
        <Headline detail={detail} />
      </div>
      <div className={styles.trend}>
        <TrendCard detail={detail} onDrawn={onDrawn} />
      </div>
      {extra !== undefined && <div className={styles.wide}>{extra(detail)}</div>}
      <div className={place}>
        <DriversCard
          detail={detail}
          view={state.view}
          filters={state.filters}
          state={state.drivers}
          onBy={state.setDriversBy}
        />
      </div>
      <div className={place}>
        {breakdown?.(detail, state.setFilter) ?? (
          <BreakdownCard detail={detail} onBy={state.setBy} onFilter={state.setFilter} />
        )}
      </div>
      <div className={styles.formula}>
        <FormulaCard detail={detail} />
      </div>
      <div className={styles.wide}>
        <RowsCard
          detail={detail}
          view={state.view}
          filters={state.filters}
          query={state.rows}
          sorting={state.sorting}
          page={state.page}
          onPage={state.setPage}
        />
      </div>
    </div>
  )
}

function Loading() {
  return (
    <div className={styles.grid} role="status">
      <span className="visually-hidden">Loading</span>
      <div className={styles.headline}>
        <Skeleton height="16rem" />
      </div>
      <div className={styles.trend}>
        <Skeleton height="25rem" />
      </div>
      <div className={styles.wide}>
        <Skeleton height="20rem" />
      </div>
    </div>
  )
}

function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const wrongRequest = error instanceof ApiProblem && error.status >= 400 && error.status < 500
  return (
    <Notice
      title="This page cannot be shown"
      tone="act"
      onRetry={wrongRequest ? undefined : onRetry}
    >
      <p>{error.message}</p>
      {error instanceof ApiProblem && error.traceId !== null && <p>Trace {error.traceId}</p>}
      <ViewLink to="/dashboard">Back to the dashboard</ViewLink>
    </Notice>
  )
}

/** One KPI in depth: the number, its past, what moved it, what it is made of, and its rows. */
export function KpiPage({ metric, title, trail, extra, breakdown }: Props) {
  const state = useKpiPage(metric)
  const { data: detail, error, refetch } = state.detail
  const [drawn, setDrawn] = useState<KpiDetail | undefined>()
  const onDrawn = useCallback(() => {
    setDrawn(detail)
  }, [detail])
  usePageDrawn(state.settled && detail !== undefined && drawn === detail)
  const heading = title ?? detail?.label ?? words(metric)
  return (
    <div className={styles.page}>
      <Breadcrumbs steps={[{ name: 'Dashboard', to: '/dashboard' }, ...trail]} here={heading} />
      <div className={head.head}>
        <h1 className={styles.heading}>{heading}</h1>
        {(detail !== undefined || error === null) && (
          <PageFiles metric={metric} view={state.view} />
        )}
      </div>
      <FilterChips
        filters={state.filters}
        onRemove={(name) => {
          state.setFilter(name, null)
        }}
      />
      {detail !== undefined && error !== null && (
        <Notice title="These numbers could not be refreshed" onRetry={() => void refetch()}>
          <p>{error.message} The last numbers that arrived are shown.</p>
        </Notice>
      )}
      {detail === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {detail === undefined && error === null && <Loading />}
      {detail !== undefined && (
        <Body state={state} detail={detail} extra={extra} breakdown={breakdown} onDrawn={onDrawn} />
      )}
    </div>
  )
}
